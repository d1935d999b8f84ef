-- The agent rule: who gets a conversation, by rings, bands and the order of the free.

local function who_is_in(elig, names)
  if not elig then return nil end
  return call('SMISMEMBER', elig, unpack(names))
end

-- Looks at one candidate from a free set: the agent when he may have c now; else nil, and whether the set was stale.
local function try(c, queue, name, skip)
  if skip[name] or c.cd and D.cooled(name, c.id) then return nil end
  local a = D.find_readable_agent(name)
  local may = a and a.serves[queue] and not D.settled(a) and D.taking(a) and not D.is_held(a)
  if may and D.has_room(a, c.k) then return a end
  call('ZREM', P .. 'free:' .. queue .. ':' .. c.k, name)
  if a then D.settle(a) end
  return nil, true
end

-- The free agents whom `elig` admits, in order, a chunk at a time; `visit` returns true to end. `dry`: the set in which
-- a demand is marked that found nobody, looked at when the first are none of them. Returns the number of those passed
-- when few are admitted, and else whether nobody at all is free.
local function walk(free, elig, visit, dry, text)
  local from, size, met = 0, 4, false
  while true do
    local flat = call('ZRANGE', free, D.text(from), D.text(from + size - 1), 'WITHSCORES')
    local names = {nil, nil, nil, nil}
    for i = 1, #flat, 2 do names[#names + 1] = flat[i] end
    if #names == 0 then return from == 0 and 'empty' end
    local inside = who_is_in(elig, names)
    for i = 1, #names do
      if not inside or inside[i] == 1 then
        met = true
        if visit(names[i], tonumber(flat[2 * i])) then return end
      end
    end
    if #names < size then return end
    if dry and not met and from == 0 and call('SISMEMBER', dry, text) == 1 then return end
    from = from + size
    if from >= 72 and elig and call('SCARD', elig) <= 1024 then return 'few' end
    size = from < 8 and 4 or from < 72 and 32 or 128
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

-- The best agent of one queue for one demand, and whether there is no need to mark that nobody was free: somebody was,
-- though not for this call, or the set is empty, which is seen as quickly.
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
      local a, old = try(c, queue, name, skip)
      stale = stale or old
      if a then
        winner = a
        why.win = D.terms(name, score)
      end
      return old
    end
    local end_of_walk = walk(free, elig, visit, why.dry, text)
    if end_of_walk == 'few' and not winner and not stale then few(free, elig, visit) end
    seen = seen or end_of_walk == 'empty'
  until winner or not stale
  if winner then why.next = D.some(extra) end
  return winner, seen
end

local function sticky(c, skip)
  local a = c.la and not skip[c.la] and D.find_readable_agent(c.la)
  if not a or not D.admits(a, c.q, c.d) then return nil end
  if not D.taking(a) or D.is_held(a) or not D.has_room(a, c.k) or (c.cd and D.cooled(a.name, c.id)) then return nil end
  return a
end

-- By rings, then by bands, then by the order of the free sets.
local function by_order(c, skip, why)
  local any = false
  local queues, bands = {c.q, unpack(D.parse_demand(c.d).rings)}, D.bands(c, c.d)
  for ring, queue in ipairs(queues) do
    for band, text in ipairs(bands) do
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

-- He who gets it when nobody is sticky; a demand for which nobody was free is marked, so that it is not looked for
-- again.
local function first_free(c, skip, why)
  local dry = P .. 'dry:' .. c.q .. ':' .. c.k
  -- Only one set to walk: its first few, who are nearly always enough, tell more than the mark.
  local plain = not c.bn and not c.d:find('+', 1, true)
  if not plain and call('SISMEMBER', dry, c.d) == 1 then return nil end
  local a, any
  if plain then
    D.know_demand(c.q, c.d)
    why.dry = dry
    a, any = pick(c, c.q, c.d, skip, why)
    why.dry = nil
  else
    a, any = by_order(c, skip, why)
  end
  if not a and not any then call('SADD', dry, c.d) end
  return a
end

-- The agent who gets c, and why; none: only why.
function D.best_agent(c, skip)
  local why = {by = 'order', step = nil, rel = nil, dry = nil, win = nil, next = nil,
    no = nil, of = nil, age = nil, rule = nil, cfg = nil, demand = nil}
  local a = sticky(c, skip)
  if a then
    why.by, why.win = 'sticky', D.terms(a.name, D.score(a, c.k))
  else
    a = first_free(c, skip, why)
  end
  D.tally(c, why)
  return a, why
end
