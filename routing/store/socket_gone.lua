-- A socket of an agent ended; with the last one he gets nothing new.
-- Keys: meta. Arguments: agent, socket. Reply: connected (are any left). Refused: not_found. Cost: 4 to 15 commands.
return function(args)
  D.need(args, 'agent', 'socket')
  local a = D.agent(args.agent)
  call('ZREM', P .. 'sockets:' .. a.name, args.socket)
  local left = call('ZCARD', P .. 'sockets:' .. a.name) > 0
  if not left and a.con == '1' then D.disconnect(a, D.desk_now) end
  return {connected = left}
end
