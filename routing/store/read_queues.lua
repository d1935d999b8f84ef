-- Each queue in numbers, with what waits there and nobody in the roster can ever take.
-- Keys: meta. Arguments: queues. Reply: queues. Cost: about 20 commands a queue, 3 a class and 2 a demand that waits.

local function sum(state, queue)
  local count = 0
  for _, kind in ipairs(D.kinds()) do
    count = count + call('ZCARD', P .. 'in:' .. state .. ':' .. queue .. ':' .. kind)
  end
  return count
end

-- What waits in this lane and nobody can ever take, by the demand in the end.
local function dead_in(lane, kind, text, dead)
  for _, id in ipairs(call('ZRANGE', lane, 0, 49)) do
    local c = D.find(id)
    local demand = D.widest(c)
    local name = kind .. ':' .. demand
    if dead[name] == nil then
      dead[name] = not D.somebody_meets(c.q, demand, kind) and
        {kind = kind, demand = demand, waiting = 0, conversation = id, reference = c.ref}
      if dead[name] then dead[#dead + 1] = dead[name] end
    end
    if dead[name] then
      -- At the end of their plans all of a lane ask for the same.
      dead[name].waiting = dead[name].waiting + (demand == text and call('ZCARD', lane) or 1)
      if demand == text then return end
    end
  end
end

local function unroutable(queue, class, dead)
  local kind = class:match('^[^:]+')
  for _, text in ipairs(call('ZRANGE', P .. 'heads:' .. queue .. ':' .. class, 0, 99)) do
    if not D.somebody_takes(queue, text, kind) then
      dead_in(P .. 'lane:' .. queue .. ':' .. class .. ':' .. text, kind, text, dead)
    end
  end
end

-- By when the first of a class is promised an answer: the oldest, since all have the same promise.
local function due(queue, class)
  local text = call('ZRANGE', P .. 'heads:' .. queue .. ':' .. class, 0, 0)[1]
  local id = text and call('ZRANGE', P .. 'lane:' .. queue .. ':' .. class .. ':' .. text, 0, 0)[1]
  local c = id and D.find(id)
  return c and (c.du or c.t1)
end

local function as_list(dead)
  local list = {}
  for i = 1, #dead do list[i] = dead[i] end
  return D.some(list)
end

local function view(queue)
  local state, oldest, free = call('HMGET', P .. 'qstate:' .. queue, 'closed', 'p50'), nil, 0
  for _, kind in ipairs(D.kinds()) do
    local head = call('ZRANGE', P .. 'in:waiting:' .. queue .. ':' .. kind, 0, 0, 'WITHSCORES')[2]
    if head and (not oldest or tonumber(head) < oldest) then oldest = tonumber(head) end
    free = max(free, call('ZCARD', P .. 'free:' .. queue .. ':' .. kind))
  end
  local dead, first = {}, nil
  for _, class in ipairs(call('ZRANGE', P .. 'busy:' .. queue, 0, -1)) do
    unroutable(queue, class, dead)
    local at = due(queue, class)
    if at and (not first or at < first) then first = at end
  end
  return {name = queue, waiting = sum('waiting', queue), offered = sum('offered', queue), active = sum('active', queue),
    oldest_at = oldest, agents_available = call('SCARD', P .. 'avail:' .. queue), agents_free = free,
    agents = call('ZCARD', P .. 'agents:' .. queue), closed = state[1] == '1' or nil, wait_p50 = tonumber(state[2]),
    due_at = first, unroutable = as_list(dead)}
end

return function(args)
  local names, list = args.queues or call('HKEYS', P .. 'queues'), {}
  table.sort(names)
  for i, queue in ipairs(names) do list[i] = view(queue) end
  return {queues = D.some(list)}
end
