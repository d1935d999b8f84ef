-- Each queue in numbers, with what waits there and nobody in the roster can ever take.
-- Keys: meta. Arguments: queues. Reply: queues. Cost: about 20 commands a queue, 3 a
-- class; 2 a demand that waits, once after a change of the roster, and 4 for one that nobody meets.

local function of_kind(queue, kind)
  local one, name = {kind = kind}, ':' .. queue .. ':' .. kind
  for _, state in ipairs({'waiting', 'offered', 'active'}) do
    one[state] = call('ZCARD', P .. 'in:' .. state .. name)
  end
  one.oldest_at = tonumber(call('ZRANGE', P .. 'in:waiting' .. name, 0, 0, 'WITHSCORES')[2])
  one.free = call('ZCARD', P .. 'free' .. name)
  return one
end

-- Whether nobody in the roster can ever take this, here or where it overflows to; known until the roster changes. At
-- most a thousand are found out in a call, the rest in the next ones.
local fresh
local function hopeless(queue, kind, text, takes)
  local standing, name = D.standing, queue .. ' ' .. kind .. ' ' .. text
  standing.hopeless = standing.hopeless or {}
  if standing.hopeless[name] == nil and fresh > 0 then
    fresh = fresh - 1
    standing.hopeless[name] = not takes(queue, text, kind) and not D.rescued(queue, text, kind)
  end
  return standing.hopeless[name]
end

local function note(dead, kind, text, count, id)
  local name = kind .. ':' .. text
  if not dead[name] then
    local c = D.find_readable(id)
    dead[name] = {kind = kind, demand = text, waiting = 0, conversation = id, reference = c and c.ref or id}
    dead[#dead + 1] = dead[name]
  end
  dead[name].waiting = dead[name].waiting + count
end

local function behind(prefix)
  return '[' .. prefix, '[' .. prefix .. '\255'
end

-- The first of a lane whose demand stays as it is; `widening` others are in it.
local function first_of(lane, widening)
  for from = 0, widening, 50 do
    for _, id in ipairs(call('ZRANGE', lane, from, from + 49)) do
      local c = D.find_readable(id)
      if c and not c.wd then return id end
    end
  end
end

local function unroutable(queue, class, dead)
  local kind = class:match('^[^:]+')
  for _, text in ipairs(call('ZRANGE', P .. 'heads:' .. queue .. ':' .. class, 0, -1)) do
    if hopeless(queue, kind, text, D.somebody_takes) then
      local lane = P .. 'lane:' .. queue .. ':' .. class .. ':' .. text
      local widening = call('ZLEXCOUNT', P .. 'wider:' .. queue, behind(class .. '~' .. text .. '~'))
      local id = first_of(lane, widening)
      if id then note(dead, kind, text, call('ZCARD', lane) - widening, id) end
    end
  end
end

-- Of what is to ask for less in time, by what that is: one look at each that differs.
local function unroutable_in_the_end(queue, dead)
  local wider, from = P .. 'wider:' .. queue, '-'
  while true do
    local entry = call('ZRANGE', wider, from, '+', 'BYLEX', 'LIMIT', 0, 1)[1]
    if not entry then return end
    local prefix, kind, widest, id = entry:match('^(([^:]+):[^~]*~[^~]*~([^~]*)~)(.*)$')
    local first, last = behind(prefix)
    if hopeless(queue, kind, widest, D.somebody_meets) then
      note(dead, kind, widest, call('ZLEXCOUNT', wider, first, last), id)
    end
    from = '(' .. last:sub(2)
  end
end

-- By when the first of a class is promised an answer: the oldest, since all have the same promise.
local function due(queue, class)
  local text = call('ZRANGE', P .. 'heads:' .. queue .. ':' .. class, 0, 0)[1]
  local id = text and call('ZRANGE', P .. 'lane:' .. queue .. ':' .. class .. ':' .. text, 0, 0)[1]
  local c = id and D.find_readable(id)
  return c and (c.du or c.t1)
end

local function as_list(dead)
  local list = {}
  for i = 1, #dead do list[i] = dead[i] end
  return D.some(list)
end

local function view(queue)
  local closed = call('HGET', P .. 'qstate:' .. queue, 'closed')
  local kinds, oldest, free = {}, nil, 0
  local all = {waiting = 0, offered = 0, active = 0}
  for i, kind in ipairs(D.kinds()) do
    local one = of_kind(queue, kind)
    kinds[i] = one
    for state, count in pairs(all) do all[state] = count + one[state] end
    if one.oldest_at and (not oldest or one.oldest_at < oldest) then oldest = one.oldest_at end
    free = max(free, one.free)
  end
  local dead, first = {}, nil
  unroutable_in_the_end(queue, dead)
  for _, class in ipairs(call('ZRANGE', P .. 'busy:' .. queue, 0, -1)) do
    unroutable(queue, class, dead)
    local at = due(queue, class)
    if at and (not first or at < first) then first = at end
  end
  return {name = queue, waiting = all.waiting, offered = all.offered, active = all.active, kinds = kinds,
    oldest_at = oldest, agents_available = call('SCARD', P .. 'avail:' .. queue), agents_free = free,
    agents = call('ZCARD', P .. 'agents:' .. queue),
    closed = closed == '1' or nil, untold = not closed or nil,
    due_at = first, unroutable = as_list(dead)}
end

return function(args)
  local names, list = args.queues or call('HKEYS', P .. 'queues'), {}
  table.sort(names)
  fresh = 1000
  for i, queue in ipairs(names) do list[i] = view(queue) end
  return {queues = D.some(list)}
end
