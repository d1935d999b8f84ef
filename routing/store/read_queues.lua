-- Each queue in numbers, and demands that nobody in the roster meets.
-- Keys: meta. Arguments: queues. Reply: queues, unroutable. Cost: about 20 commands a queue, 1 a demand that waits.

local function sum(state, queue)
  local count = 0
  for _, kind in ipairs(D.kinds()) do
    count = count + call('ZCARD', P .. 'in:' .. state .. ':' .. queue .. ':' .. kind)
  end
  return count
end

local function unroutable(queue, class, into)
  local heads = P .. 'heads:' .. queue .. ':' .. class
  for _, text in ipairs(call('ZRANGE', heads, 0, 99)) do
    local elig = text == '' and P .. 'agents:' .. queue or P .. 'elig:' .. queue .. ':' .. text
    if call('EXISTS', elig) == 0 then
      local lane = P .. 'lane:' .. queue .. ':' .. class .. ':' .. text
      local c = D.find(call('ZRANGE', lane, 0, 0)[1])
      if c and not c.pl then
        into[#into + 1] = {queue = queue, demand = text, waiting = call('ZCARD', lane), conversation = c.id}
      end
    end
  end
end

local function view(queue, dead)
  local state, oldest, free = call('HMGET', P .. 'qstate:' .. queue, 'closed', 'p50'), nil, 0
  for _, kind in ipairs(D.kinds()) do
    local head = call('ZRANGE', P .. 'in:waiting:' .. queue .. ':' .. kind, 0, 0, 'WITHSCORES')[2]
    if head and (not oldest or tonumber(head) < oldest) then oldest = tonumber(head) end
    free = max(free, call('ZCARD', P .. 'free:' .. queue .. ':' .. kind))
  end
  for _, class in ipairs(call('ZRANGE', P .. 'busy:' .. queue, 0, -1)) do unroutable(queue, class, dead) end
  return {name = queue, waiting = sum('waiting', queue), offered = sum('offered', queue), active = sum('active', queue),
    oldest_at = oldest, agents_available = call('SCARD', P .. 'avail:' .. queue), agents_free = free,
    agents = call('ZCARD', P .. 'agents:' .. queue), closed = state[1] == '1' or nil, wait_p50 = tonumber(state[2])}
end

return function(args)
  local names, list, dead = args.queues or call('HKEYS', P .. 'queues'), {}, {}
  table.sort(names)
  for i, queue in ipairs(names) do list[i] = view(queue, dead) end
  return {queues = D.some(list), unroutable = D.some(dead)}
end
