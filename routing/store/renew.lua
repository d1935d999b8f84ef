-- A socket of an agent lives: his lease runs on. The first call of his first socket connects him.
-- Keys: meta. Arguments: agent, socket. Reply: connected (by this call), lease_until. Refused: not_found.
-- Cost: 5 commands; connecting matches him.
return function(args)
  D.need(args, 'agent', 'socket')
  local a = D.agent(args.agent)
  if a.gone == '1' then D.fail('not_found', 'no agent ' .. a.name) end
  local lease = D.settings().presence.lease
  call('ZADD', P .. 'sockets:' .. a.name, D.desk_now, args.socket)
  call('ZADD', P .. 'timers:fast', D.desk_now + lease, 'l|' .. a.name)
  local first = a.con ~= '1'
  if first then D.connect(a) end
  return {connected = first, lease_until = D.now + lease}
end
