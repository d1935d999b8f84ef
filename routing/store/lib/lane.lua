-- Lanes: waiting conversations of one queue, kind, priority, promise and demand, the longest unanswered first; and the
-- index of those that are not empty. An agent's own lane holds what was handed to him.

-- Within a class all have the same value and promise, so the oldest is the most urgent.
function D.class(c)
  return c.k .. ':' .. c.pr .. ':' .. c.ps
end

local function lane_key(queue, class, text)
  return P .. 'lane:' .. queue .. ':' .. class .. ':' .. text
end

local function show_class(queue, class)
  local top = call('ZRANGE', P .. 'heads:' .. queue .. ':' .. class, '0', '0', 'WITHSCORES')
  local busy = P .. 'busy:' .. queue
  if top[2] then
    if call('ZADD', busy, top[2], class) == 1 then call('SADD', P .. 'busyq', queue) end
  else
    call('ZREM', busy, class)
    if call('EXISTS', busy) == 0 then call('SREM', P .. 'busyq', queue) end
  end
end

function D.show_head(queue, class, text)
  local top = call('ZRANGE', lane_key(queue, class, text), '0', '0', 'WITHSCORES')
  local heads = P .. 'heads:' .. queue .. ':' .. class
  if top[2] then call('ZADD', heads, top[2], text) else call('ZREM', heads, text) end
  show_class(queue, class)
end

function D.lane_add(c)
  if c.own then
    call('ZADD', P .. 'own:' .. c.own, D.text(c.ag), c.id)
    return
  end
  local class = D.class(c)
  local key = lane_key(c.q, class, c.d)
  call('ZADD', key, D.text(c.ag), c.id)
  if call('ZRANK', key, c.id) == 0 then D.show_head(c.q, class, c.d) end
end

function D.lane_remove(c)
  if c.own then
    call('ZREM', P .. 'own:' .. c.own, c.id)
    return
  end
  local class = D.class(c)
  local key = lane_key(c.q, class, c.d)
  local rank = call('ZRANK', key, c.id)
  if not rank then return end
  call('ZREM', key, c.id)
  if rank == 0 then D.show_head(c.q, class, c.d) end
end

-- Its place among those waiting for the same queue and kind, from 1.
function D.position(c)
  local rank = c.st == 'waiting' and call('ZRANK', D.index_key(c), c.id)
  return rank and rank + 1 or nil
end

-- The item rule: value × (age ÷ promise) ^ exponent.
function D.urgency(priority, promise_s, since)
  local rules = D.settings().urgency
  local share = max(0, D.now - since) / 1000 / max(1, promise_s)
  if rules.exponent ~= 1 then share = share ^ rules.exponent end
  return rules.values[priority] * share
end

-- Whether the agent must not have this conversation yet.
function D.cooled(a_name, id)
  local till = call('ZSCORE', P .. 'cool:' .. a_name, id)
  return till and tonumber(till) > D.now
end

-- The first of a lane that this agent may have. When he lacks units (`fits` false), one that nobody else is held for.
local function first_of(a, key, fits, cools)
  local want = cools + (fits and 1 or 8)
  local list = call('ZRANGE', key, '0', D.text(want - 1), 'WITHSCORES')
  for i = 1, #list, 2 do
    local id = list[i]
    local holder = not fits and call('HGET', P .. 'holds', id)
    if not (cools > 0 and D.cooled(a.name, id)) and (not holder or holder == a.name) then
      return id, tonumber(list[i + 1])
    end
  end
end

local function better(one, other)
  if not other then return true end
  if one.urgency ~= other.urgency then return one.urgency > other.urgency end
  if one.since ~= other.since then return one.since < other.since end
  return one.id < other.id
end

-- The most urgent that he may have of one class; its heads come oldest first.
local function best_of_class(a, x, cools, best)
  local key, from, size = P .. 'heads:' .. x.queue .. ':' .. x.class, 0, 8
  local found
  while true do
    local heads = call('ZRANGE', key, D.text(from), D.text(from + size - 1), 'WITHSCORES')
    for i = 1, #heads, 2 do
      if found and tonumber(heads[i + 1]) > found.since then return better(found, best) and found or best end
      if D.admits(a, x.queue, heads[i]) then
        local id, since = first_of(a, lane_key(x.queue, x.class, heads[i]), x.fits, cools)
        if id then
          local one = {id = id, since = since, urgency = D.urgency(x.priority, x.promise_s, since), fits = x.fits}
          if better(one, found) then found = one end
        end
      end
    end
    if #heads < 2 * size then break end
    from, size = from + size, 64
  end
  if found and better(found, best) then return found end
  return best
end

local function classes(a, room)
  local list, reach = {}, D.reach(a)
  if #reach == 0 then return list end
  local busy = call('SMISMEMBER', P .. 'busyq', unpack(reach))
  for i, queue in ipairs(reach) do
    local flat = busy[i] == 1 and call('ZRANGE', P .. 'busy:' .. queue, '0', '-1', 'WITHSCORES') or {}
    for j = 1, #flat, 2 do
      local kind, priority, promise_s = flat[j]:match('^([^:]+):([^:]+):(.+)$')
      promise_s = tonumber(promise_s)
      if room[kind] ~= nil then
        list[#list + 1] = {queue = queue, class = flat[j], fits = room[kind], priority = priority,
          promise_s = promise_s, urgency = D.urgency(priority, promise_s, tonumber(flat[j + 1]))}
      end
    end
  end
  table.sort(list, function(x, y)
    if x.urgency ~= y.urgency then return x.urgency > y.urgency end
    if x.queue ~= y.queue then return x.queue < y.queue end
    return x.class < y.class
  end)
  return list
end

local function best_of_own(a, room, cools)
  local best
  local list = call('ZRANGE', P .. 'own:' .. a.name, '0', D.text(cools + 7), 'WITHSCORES')
  for i = 1, #list, 2 do
    local c, since = D.find(list[i]), tonumber(list[i + 1])
    if c and room[c.k] ~= nil and not (cools > 0 and D.cooled(a.name, c.id)) then
      local one = {id = c.id, since = since, urgency = D.urgency(c.pr, c.ps, since), fits = room[c.k], own = true}
      if better(one, best) then best = one end
    end
  end
  return best
end

-- The item rule over all that waits for him: the most urgent {id, urgency, fits, own}; nil when there is none.
function D.most_urgent(a, room)
  local cools = call('ZCARD', P .. 'cool:' .. a.name)
  local best = best_of_own(a, room, cools)
  for _, x in ipairs(classes(a, room)) do
    if best and x.urgency < best.urgency then break end
    best = best_of_class(a, x, cools, best)
  end
  return best
end
