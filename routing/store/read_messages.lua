-- A page of messages, oldest first, of about `bytes` (262144; 2097152 at most): one at least, where there is one.
-- Keys: meta. Arguments: conversation, after (seq), limit (200), bytes, last (the last ones, instead of after).
-- Reply: messages, more (there are further ones in that direction). Refused: not_found.
-- Cost: 3 commands, 1 for each 100 short messages or long one.
return function(args)
  local c = D.conversation(args.conversation)
  local from, step = (args.after or 0) + 1, 1
  if args.last then from, step = c.n or 0, -1 end
  return D.with_page('{}', D.page(c, from, step, {count = min(args.limit or 200, 1000), bytes = args.bytes}))
end
