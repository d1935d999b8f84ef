-- One message by its id, looked for from the end.
-- Keys: meta. Arguments: conversation, message. Reply: message. Refused: not_found. Cost: 1 command for each 50
-- messages.
return function(args)
  D.need(args, 'conversation', 'message')
  local c = D.conversation(args.conversation)
  for last = c.n or 0, 1, -50 do
    local list = call('LRANGE', P .. 'm:' .. c.id, max(1, last - 49), last)
    for i = #list, 1, -1 do
      local head = D.cut_message(list[i])
      if head:find(args.message, 1, true) and cjson.decode(head).id == args.message then
        return D.json_object(D.json_member('message', D.message_json(list[i])))
      end
    end
  end
  D.fail('not_found', 'no message ' .. args.message)
end
