-- The agent rule: who gets a conversation, by rings, bands and the order of the free.

local function who_is_in(elig, names)
  if not elig then return nil end
  return call('SMISMEMBER', elig, unpack(names))
end

-- Looks at one candidate from a free set: the agent when he may have c now; else nil, and whether the set was stale.
local function try(c, free, name, skip)
  if skip[name] or c.cd and D.cooled(name, c.id) then return nil end
  local a = D.find_agent(name)
  if a and not D.settled(a) and D.taking(a) and not a.hold and D.has_room(a, c.k) then return a end
  call('ZREM', free, name)
  if a then D.settle(a) end
  return nil, true
end

-- The free agents whom `elig` admits, in order, a chunk at a time; `visit` returns true to end.
local function walk(free, elig, visit)
  local from, size = 0, 8
  while true do
    local flat = call('ZRANGE', free, D.text(from), D.text(from + size - 1), 'WITHSCORES')
    local names = {}
    for i = 1, #flat, 2 do names[#names + 1] = flat[i] end
    if #names == 0 then return end
    local inside = who_is_in(elig, names)
    for i = 1, #names do
      if (not inside or inside[i] == 1) and visit(names[i], tonumber(flat[2 * i])) then return end
    end
    if #names < size then return end
    from = from + size
    if from >= 72 and elig and call('SCARD', elig) <= 1024 then return from, true end
    size = from < 72 and 32 or 128
  end
end

-- For a demand that few meet: those few, by their places among the free.
local function few(free, elig, visit)
  local names = call('SMEMBERS', elig)
  if #names == 0 then return end
  local scores, list = call('ZMSCORE', free, unpack(names)), {}
  for i, name in ipairs(names) do
    if scores[i] then list[#list + 1] = {name, tonumber(scores[i])} end
  end
  table.sort(list, function(x, y)
    if x[2] ~= y[2] then return x[2] < y[2] end
    return x[1] < y[1]
  end)
  for _, x in ipairs(list) do
    if visit(x[1], x[2]) then return end
  end
end

-- The best agent of one queue for one demand, and whether anybody was free at all.
local function pick(c, queue, text, skip, why)
  local free = P .. 'free:' .. queue .. ':' .. c.k
  local elig = text ~= '' and P .. 'elig:' .. c.q .. ':' .. text or nil
  local winner, seen, stale, extra
  repeat
    winner, seen, stale, extra = nil, false, false, {}
    local function visit(name, score)
      if winner then
        if not skip[name] and not (c.cd and D.cooled(name, c.id)) then extra[#extra + 1] = D.terms(name, score) end
        return #extra == 2
      end
      seen = true
      local a, old = try(c, free, name, skip)
      stale = stale or old
      if a then
        winner = a
        why.win = D.terms(name, score)
      end
      return old
    end
    local _, rare = walk(free, elig, visit)
    if rare and not winner and not stale then few(free, elig, visit) end
  until winner or not stale
  if winner then why.next = D.some(extra) end
  return winner, seen
end

local function sticky(c, skip)
  local a = c.la and not skip[c.la] and D.find_agent(c.la)
  if not a or not D.admits(a, c.q, c.d) then return nil end
  if not D.taking(a) or a.hold or not D.has_room(a, c.k) or (c.cd and D.cooled(a.name, c.id)) then return nil end
  return a
end

-- By rings, then by bands, then by the order of the free sets.
local function by_order(c, skip, why)
  local any = false
  local queues = {c.q, unpack(D.parse_demand(c.d).rings)}
  for ring, queue in ipairs(queues) do
    for band, text in ipairs(D.bands(c, c.d)) do
      D.know_demand(c.q, text)
      local a, seen = pick(c, queue, text, skip, why)
      any = any or seen
      if a then
        if ring > 1 then why.ring = ring - 1 end
        if c.bn then why.band = band end
        return a, any
      end
    end
  end
  return nil, any
end

-- The agent who gets c, and why; none: only why.
function D.best_agent(c, skip)
  local why = {by = 'order', step = c.step and c.step > 0 and c.step or nil, rel = c.relaxes}
  local a = sticky(c, skip)
  if a then
    why.by, why.win = 'sticky', D.terms(a.name, D.score(a, c.k))
  else
    local dry = P .. 'dry:' .. c.q .. ':' .. c.k
    if call('SISMEMBER', dry, c.d) == 0 then
      local any
      a, any = by_order(c, skip, why)
      if not a and not any then call('SADD', dry, c.d) end
    end
  end
  D.tally(c, why)
  return a, why
end
