-- Messages of a conversation that have not left yet. Keys: meta. Arguments: conversation. Reply: pending. Cost: 1
-- command.
return function(args)
  D.need(args, 'conversation')
  return {pending = D.some(call('LRANGE', P .. 'obq:' .. args.conversation, 0, -1))}
end
