-- The reload is done: from now on callers with another configuration are stale.
-- Who insists on somebody unless nobody has what he asks for is looked at again.
-- Keys: meta. Arguments: config. Reply: empty. Refused: invalid. Cost: 6 commands, and one or two a queue.
return function(args)
  D.need(args, 'config')
  if call('HGET', KEYS[1], 'writing') == args.config then call('HDEL', KEYS[1], 'writing') end
  for _, queue in ipairs(call('HKEYS', P .. 'queues')) do D.drop_unless(queue) end
  if D.config == args.config then return end
  call('HSET', KEYS[1], 'config', args.config, 'schema', 1)
  D.emit('roster.changed', nil, nil, {'config', args.config})
end, {any_config = true}
