-- The reload is done: from now on callers with another configuration are stale.
-- Keys: meta. Arguments: config. Reply: empty. Refused: invalid. Cost: 5 commands.
return function(args)
  D.need(args, 'config')
  if call('HGET', KEYS[1], 'writing') == args.config then call('HDEL', KEYS[1], 'writing') end
  if D.config == args.config then return end
  call('HSET', KEYS[1], 'config', args.config, 'schema', 1)
  D.emit('roster.changed', nil, nil, {'config', args.config})
end, {any_config = true}
