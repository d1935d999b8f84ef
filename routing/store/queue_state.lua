-- What overflow rules look at and scripts cannot know: whether a queue is closed now, and its estimated wait.
-- Keys: meta. Arguments: queue, closed, waits (ms, by kind) or wait_p50 (of every kind). Reply: empty.
-- Refused: not_found. Cost: 2 commands.
return function(args)
  D.need(args, 'queue')
  if not D.queue(args.queue) then D.fail('not_found', 'no queue ' .. args.queue) end
  local flat, waits = {'closed', args.closed and '1' or '0'}, args.waits or {}
  for _, kind in ipairs(D.kinds()) do
    flat[#flat + 1] = 'p50:' .. kind
    flat[#flat + 1] = waits[kind] or args.wait_p50 or 0
  end
  call('HSET', P .. 'qstate:' .. args.queue, unpack(flat))
end
