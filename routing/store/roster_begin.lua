-- A roster is about to be written: until `roster_commit` says that all of it is, no configuration counts as written.
-- Keys: meta. Arguments: config. Reply: empty. Refused: invalid. Cost: 1 command.
return function(args)
  D.need(args, 'config')
  call('HSET', KEYS[1], 'writing', args.config)
end, {any_config = true}
