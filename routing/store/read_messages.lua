-- A page of messages, oldest first, of about `bytes` (262144; 2097152 at most): one at least, where there is one.
-- Keys: meta. Arguments: conversation, after or before (a seq), limit (200), bytes, last (the last
-- ones, instead of these).
-- Reply: messages, more (there are further ones in that direction). Refused: not_found.
-- Cost: 3 commands, 1 for each 100 short messages or long one.
return function(args)
  local c = D.conversation(args.conversation)
  local from, step, last = (args.after or 0) + 1, 1, c.n or 0
  if args.last then from, step = last, -1 end
  if args.before then from, step = min(last, args.before - 1), -1 end
  return D.with_page('{}', D.page(c, from, step, {count = min(args.limit or 200, 1000), bytes = args.bytes}))
end
