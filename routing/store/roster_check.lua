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
  local gone_queues = gone(call('HKEYS', P .. 'queues'), args.queues)
  for _, queue in ipairs(gone_queues) do
    if not (args.moves and args.moves[queue]) and has_work(queue) then
      D.fail('conflict', 'queue ' .. queue .. ' still has work: name move_to, the queue that takes it over', 'queue')
    end
  end
  local gone_agents = gone(call('ZRANGE', P .. 'agents', 0, -1), args.agents)
  -- Of a roster that is half written, by whomever, nobody knows what stands.
  local written = call('HEXISTS', KEYS[1], 'writing') == 0 and D.config or nil
  return {config = written, gone_agents = D.some(gone_agents), gone_queues = D.some(gone_queues)}
end, {any_config = true}
