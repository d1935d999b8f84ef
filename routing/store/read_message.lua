-- One message by its id, looked for from the end.
-- Keys: meta. Arguments: conversation, message. Reply: message. Refused: not_found. Cost: 1 command for each 50
-- messages.
return function(args)
  D.need(args, 'conversation', 'message')
  local c = D.conversation(args.conversation)
  for last = c.n or 0, 1, -50 do
    local first = max(1, last - 49)
    local list = D.messages(c, first, last)
    for i = #list, 1, -1 do
      if list[i]:find(args.message, 1, true) and D.glance(list[i]) == args.message then
        return D.json_object(D.json_member('message', D.message_json(c, list[i], first + i - 1)))
      end
    end
  end
  D.fail('not_found', 'no message ' .. args.message)
end
