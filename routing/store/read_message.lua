-- One message by its id, looked for from the end.
-- Keys: meta. Arguments: conversation, message. Reply: message. Refused: not_found. Cost: 1 command for each 100 short
-- messages or long one.
return function(args)
  D.need(args, 'conversation', 'message')
  local c, found, at = D.conversation(args.conversation), nil, nil
  D.each_message(c, c.n or 0, -1, function(element, seq)
    if element:find(args.message, 1, true) and D.glance(element) == args.message then found, at = element, seq end
    return found
  end)
  if not found then D.fail('not_found', 'no message ' .. args.message) end
  return D.json_object(D.json_member('message', D.message_json(c, found, at)))
end
