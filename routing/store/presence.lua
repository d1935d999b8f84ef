-- The state an agent wants; he is available only with a socket. Leaving takes his offers back at once.
-- Keys: meta. Arguments: agent, actor, state, reason. Reply: the agent. Refused: not_found, invalid, conflict.
-- Cost: about 10 commands, and a decline for each offer he had.
local states = {available = 1, busy = 1, ['break'] = 1, away = 1}
return function(args)
  D.need(args, 'agent', 'state')
  D.set_actor(args.actor)
  local a = D.agent(args.agent)
  if not states[args.state] then D.fail('invalid', 'no presence ' .. tostring(args.state)) end
  if args.state == 'available' and a.con ~= '1' then
    D.fail('conflict', a.name .. ' has no socket: connect first', 'disconnected')
  end
  if args.state == 'available' then D.set_agent(a, 'mi', 0) end
  D.set_presence(a, args.state, args.reason or '')
  if args.state ~= 'available' then D.take_back_offers(a, args.state) end
  D.presence_changed(a)
  D.flush()
  return D.agent_view(a)
end
