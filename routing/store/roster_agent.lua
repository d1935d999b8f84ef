-- An agent: skills, queues, capacity. What he holds stays with him; he is looked at again.
-- Keys: meta. Arguments: docs/store.md. Reply: changed. Refused: invalid. Cost: 5 commands a queue, 1 a known demand.

return function(args)
  D.need(args, 'agent', 'capacity')
  for _, queue in ipairs(args.queues or {}) do
    if not D.queue(queue) then D.fail('invalid', 'no queue ' .. queue) end
  end
  local known = D.find_agent(args.agent)
  local a, off = known or D.fresh_agent(args.agent), args.on_shift == false and '1' or nil
  call('ZADD', P .. 'agents', 0, a.name)
  if known and call('HGET', P .. 'roster', a.name) == ARGV[4] and a.gone ~= '1' and a.off == off then return end
  call('HSET', P .. 'roster', a.name, ARGV[4])
  local ended = off and a.off ~= off
  D.write_agent(a, args)
  if ended then D.take_back_offers(a, 'shift') end
  if D.taking(a) then call('ZADD', P .. 'sweep', D.now, a.name) end
  return {changed = true}
end, {any_config = true}
