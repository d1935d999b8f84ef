-- A queue and its rules.
-- Keys: meta. Arguments: docs/store.md. Reply: empty. Refused: invalid. Cost: 2 commands.
return function(args)
  D.need(args, 'queue', 'offer')
  D.need(args.offer, 'timeout', 'cooldown', 'misses_before_away')
  call('HSET', P .. 'queues', args.queue, ARGV[4])
  call('HDEL', P .. 'moved', args.queue)
  D.roster_changed()
end, {any_config = true}
