-- What a reload would take away, and whether it may.
-- Keys: meta. Arguments: queues, agents, moves. Reply: config, gone_agents, gone_queues. Refused: conflict when a
-- queue that
-- is gone has work and no move. Cost: 3 commands, 15 a queue that is gone.

local function gone(have, want)
  local set, list = {}, {}
  for _, name in ipairs(want or {}) do set[name] = true end
  for _, name in ipairs(have) do
    if not set[name] then list[#list + 1] = name end
  end
  table.sort(list)
  return list
end

local function has_work(queue)
  for _, state in ipairs({'waiting', 'offered', 'active', 'pending', 'snoozed'}) do
    for _, kind in ipairs(D.kinds()) do
      if call('EXISTS', P .. 'in:' .. state .. ':' .. queue .. ':' .. kind) == 1 then return true end
    end
  end
  return false
end

return function(args)
  local queues = call('HKEYS', P .. 'queues')
  local gone_queues = gone(queues, args.queues)
  for _, queue in ipairs(gone_queues) do
    if not (args.moves and args.moves[queue]) and has_work(queue) then
      D.fail('conflict', format('queue %s still has work: say which queue takes it over, retired_queues: ' ..
        '{%s: {move_to: QUEUE}}', queue, queue), 'queue')
    end
  end
  local gone_agents = gone(call('ZRANGE', P .. 'agents', 0, -1), args.agents)
  -- Of a roster that is half written, by whomever, nobody knows what stands; one that lost a part is written anew.
  local whole = call('HEXISTS', KEYS[1], 'writing') == 0 and call('EXISTS', P .. 'settings') == 1 and
    #gone(args.queues or {}, queues) == 0
  local written = whole and D.config or nil
  return {config = written, gone_agents = D.some(gone_agents), gone_queues = D.some(gone_queues)}
end, {any_config = true}
