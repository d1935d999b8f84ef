-- A conversation. Keys: meta. Arguments: conversation. Reply: conversation. Refused: not_found. Cost: 2 commands.
return function(args)
  return D.json_object(D.json_member('conversation', D.conversation_json(D.conversation(args.conversation))))
end
