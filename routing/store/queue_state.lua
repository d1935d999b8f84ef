-- What overflow rules look at and scripts cannot know: whether a queue is closed now, and its estimated wait.
-- Keys: meta. Arguments: queue, closed, wait_p50 (ms). Reply: empty. Refused: not_found. Cost: 2 commands.
return function(args)
  D.need(args, 'queue')
  if not D.queue(args.queue) then D.fail('not_found', 'no queue ' .. args.queue) end
  call('HSET', P .. 'qstate:' .. args.queue, 'closed', args.closed and '1' or '0', 'p50', args.wait_p50 or 0)
end
