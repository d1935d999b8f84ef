-- An agent who is gone from the roster: what he holds goes back to its queues, `limit` a call.
-- Keys: meta. Arguments: agent, limit. Reply: left. Refused: nothing; nobody of that name is done already.
-- Cost: as a decline for each conversation.
return function(args)
  D.need(args, 'agent')
  local a = D.find_agent(args.agent)
  if not a then return end
  D.set_agent(a, 'gone', '1')
  D.release_hold(a)
  D.delist(a)
  D.take_back_offers(a, 'removed')
  local limit = args.limit or 50
  local own = call('ZRANGE', P .. 'own:' .. a.name, 0, limit - 1)
  for _, id in ipairs(own) do
    local c = D.conversation(id)
    D.leave_lane(c)
    D.set(c, 'own', nil)
    D.place(c, 'removed')
  end
  local ids = #own < limit and call('ZRANGE', P .. 'work:' .. a.name, 0, limit - #own - 1) or {}
  for _, id in ipairs(ids) do D.requeue(D.conversation(id), 'removed') end
  D.flush()
  local left = call('ZCARD', P .. 'own:' .. a.name) + call('ZCARD', P .. 'work:' .. a.name)
  if left > 0 then return {left = left} end
  for _, key in ipairs({'a:', 'sockets:', 'offers:', 'wrap:', 'work:', 'own:', 'cool:'}) do
    call('DEL', P .. key .. a.name)
  end
  call('ZREM', P .. 'agents', a.name)
  call('ZREM', P .. 'state:' .. a.p, a.name)
  call('HDEL', P .. 'roster', a.name)
  call('ZREM', P .. 'sweep', a.name)
  call('ZREM', P .. 'timers:fast', 'l|' .. a.name, 'g|' .. a.name, 'r|' .. a.name)
  D.agents = {}
  D.roster_changed()
end, {any_config = true}
