-- Lanes: waiting conversations of one queue, kind, priority, promise and demand, the longest unanswered first. An
-- agent's own lane holds what was handed to him. What is offered to fewer at once than its queue says (`sh`) stands in
-- such lanes too, as if of a queue "+QUEUE".

-- Within a class all have the same value and promise, so the oldest is the most urgent.
function D.class(c)
  return c.k .. ':' .. c.pr .. ':' .. c.ps
end

function D.lane_queue(c)
  return c.sh and '+' .. c.q or c.q
end

local function lane_key(queue, class, text)
  return P .. 'lane:' .. queue .. ':' .. class .. ':' .. text
end

-- For the audit: writes what is the head of a lane.
function D.show_head(queue, class, text)
  local top = call('ZRANGE', lane_key(queue, class, text), '0', '0', 'WITHSCORES')
  D.set_head(queue, class, text, tonumber(top[2]))
end

function D.lane_add(c)
  local age = D.text(c.ag)
  if c.own then
    call('ZADD', P .. 'own:' .. c.own, age, c.id)
    return
  end
  local queue, class = D.lane_queue(c), D.class(c)
  local key = lane_key(queue, class, c.d)
  call('ZADD', key, age, c.id)
  D.lane_changed(key, c, c.ag)
  if not c.sh then D.show_widening(c) end
  -- Above the lane only an older head says anything new.
  D.set_head(queue, class, c.d, c.ag, true)
end

function D.lane_remove(c)
  if c.own then
    call('ZREM', P .. 'own:' .. c.own, c.id)
    return
  end
  D.hide_widening(c)
  local queue, class = D.lane_queue(c), D.class(c)
  local key = lane_key(queue, class, c.d)
  local first = call('ZRANGE', key, '0', '1', 'WITHSCORES')
  call('ZREM', key, c.id)
  D.lane_changed(key, c)
  if first[1] ~= c.id then return end
  D.set_head(queue, class, c.d, tonumber(first[4]))
end

-- Its place among those waiting for the same queue and kind, from 1.
function D.position(c)
  local rank = c.st == 'waiting' and call('ZRANK', D.index_key(c), c.id)
  return rank and rank + 1 or nil
end

-- The same of one that came just now: nobody has waited for less.
function D.last_position(c)
  return c.st == 'waiting' and call('ZCARD', D.index_key(c)) or nil
end

-- The item rule: value × (age ÷ promise) ^ exponent, of what has waited since then in `x`: {priority, promise_s}. What
-- that is worth is noted there, since a class is asked at each of its heads.
function D.urgency(x, since)
  local value, age = x.value, D.now - since
  if not value then
    local rules = D.settings().urgency
    value = rules.values[x.priority]
    x.value, x.exponent = value, rules.exponent
  end
  if age <= 0 then return 0 end
  local promise_s = x.promise_s
  local share = age / 1000 / (promise_s > 1 and promise_s or 1)
  if x.exponent ~= 1 then share = share ^ x.exponent end
  return value * share
end

-- Whether the agent must not have this conversation yet.
function D.cooled(a_name, id)
  local till = call('ZSCORE', P .. 'cool:' .. a_name, id)
  return till and tonumber(till) > D.now
end

local function better(one, other)
  if not other then return true end
  if one.urgency ~= other.urgency then return one.urgency > other.urgency end
  if one.since ~= other.since then return one.since < other.since end
  return one.id < other.id
end

-- Keeps the three most urgent, the best first; false when this one is not among them, nor are any less urgent. `front`:
-- what D.front says, if it does.
local function keep(top, x, id, since, front)
  local urgency = D.urgency(x, since)
  local best = top[1]
  local least = best and not best.fits and best or top[3]
  if least and urgency < least.urgency then return false end
  local one = {id = id, since = since, urgency = urgency, fits = x.fits, own = x.own, priority = x.priority,
    promise_s = x.promise_s, front = front, class = x, key = x.key}
  for place = 1, 3 do
    if better(one, top[place]) then
      table.insert(top, place, one)
      top[4] = nil
      break
    end
  end
  return true
end

-- The first few of a lane that this agent may have. When he lacks units, the first that nobody else is held for: a few
-- at the front mostly are.
local function look_into_lane(a, x, key, cools, top)
  if not x.fits and cools == 0 and not a.hold then
    local front = D.front(key)
    if front then keep(top, x, front.id, front.since, front) end
    return
  end
  local holds, from, wanted = not x.fits and D.holds(), 0, x.fits and 3 or 1
  local last = cools + (x.fits and 2 or 9)
  local to = x.fits and last or min(last, 3)
  repeat
    local list = call('ZRANGE', key, D.text(from), D.text(to), 'WITHSCORES')
    for i = 1, #list, 2 do
      local id = list[i]
      local holder = holds and holds[id]
      local free = (not holder or holder == a.name) and not (cools > 0 and D.cooled(a.name, id))
      if free and not (x.serves and D.has_offer(D.find_readable(id), a.name)) then
        wanted = wanted - 1
        if not keep(top, x, id, tonumber(list[i + 1])) or wanted == 0 then return end
      end
    end
    local more = #list == 2 * (to - from + 1)
    from, to = to + 1, last
  until not more or from > last
end

-- Whether anything as urgent as this matters yet: as the best or, as far as a few looks more tell, behind it. He who
-- is but held for the best decides nothing: nobody asks what was behind it.
local function matters(top, urgency)
  local best = top[1]
  local bar = top.looks > 0 and best and best.fits and top[3] or (top.looks == 0 or best and not best.fits) and best
  return not bar or urgency >= bar.urgency
end

local function look(top, urgency)
  if top[1] and urgency < top[1].urgency then top.looks = top.looks - 1 end
end

-- What he may have of one class; its heads come oldest first.
local function look_into(a, x, cools, top)
  local heads, from, queue, lane = D.heads(x), 1, x.serves or x.queue, x.lane
  repeat
    local demands, ages = heads.demands, heads.ages
    for i = from, #demands do
      local urgency = D.urgency(x, ages[i])
      if not matters(top, urgency) then return end
      if D.admits(a, queue, demands[i]) then
        look(top, urgency)
        x.key = lane .. demands[i]
        look_into_lane(a, x, x.key, cools, top)
      end
    end
    heads, from = D.more_heads(x, heads)
  until not heads
end

-- Those of these queues in which something waits for him.
local function classes(reach, room)
  local list = {}
  for i = 1, #reach do
    for _, x in pairs(D.classes_in(reach[i])) do
      if room[x.kind] ~= nil then
        x.fits, x.urgency = room[x.kind], D.urgency(x, x.oldest)
        list[#list + 1] = x
      end
    end
  end
  return list
end

local function comes_before(x, y)
  if x.urgency ~= y.urgency then return x.urgency > y.urgency end
  if x.queue ~= y.queue then return x.queue < y.queue end
  return x.class < y.class
end

-- Takes the most urgent class out of the list: few of them are looked into, so that sorting all would cost more.
local function take_first(list)
  local at = 1
  for i = 2, #list do
    if list[i].urgency >= list[at].urgency and comes_before(list[i], list[at]) then at = i end
  end
  local first, last = list[at], #list
  list[at] = list[last]
  list[last] = nil
  return first
end

-- The first few of his own lane that he may have; `list` is its beginning, 8 at most.
local function look_into_own(a, list, room, cools, top)
  local wanted, from, size = 8, 0, 8
  while true do
    for i = 1, #list, 2 do
      local c = D.handed(a, list[i])
      if c and room[c.k] ~= nil and not (cools > 0 and D.cooled(a.name, c.id)) then
        keep(top, {priority = c.pr, promise_s = c.ps, fits = room[c.k], own = true}, c.id, tonumber(list[i + 1]))
        wanted = wanted - 1
      end
    end
    if wanted <= 0 or #list < 2 * size then return end
    from, size = from + size, 32
    list = call('ZRANGE', P .. 'own:' .. a.name, D.text(from), D.text(from + size - 1), 'WITHSCORES')
  end
end

-- What a decision keeps of the rule: conversation, urgency in thousandths, age and promise in seconds, value.
local function terms(top)
  local list, values = {}, D.settings().urgency.values
  for i = 1, #top do
    local one = top[i]
    list[i] = {one.id, floor(one.urgency * 1000), max(0, floor((D.now - one.since) / 1000)), one.promise_s,
      values[one.priority]}
  end
  return list
end

local function best_of(a, list, cools, top)
  while list[1] do
    local x = take_first(list)
    if not matters(top, x.urgency) then break end
    look(top, x.urgency)
    look_into(a, x, cools, top)
  end
  local best = top[1]
  if best and best.fits then best.item = terms(top) end
  return best
end

-- The item rule over all that waits for him: the most urgent {id, urgency, fits, own, class, key} (of its lane) with
-- `item`, the terms of it and of two behind it; nil when there is none.
function D.most_urgent(a, room)
  local list, handed = classes(D.reach(a), room), call('ZRANGE', P .. 'own:' .. a.name, '0', '7', 'WITHSCORES')
  if #list == 0 and #handed == 0 then return nil end
  local cools, top = call('ZCARD', P .. 'cool:' .. a.name), {looks = 4}
  look_into_own(a, handed, room, cools, top)
  local best = best_of(a, list, cools, top)
  -- Another version of this library may have taken it meanwhile.
  if best and best.front and not call('ZSCORE', best.front.key, best.id) then
    D.forget_fronts()
    return D.most_urgent(a, room)
  end
  return best
end

-- Of what others have been offered, fewer than may have it at once: the most urgent that he has room for and was not
-- offered yet, as above. nil when there is none.
function D.most_urgent_besides(a, room)
  local places = {}
  for _, queue in ipairs(D.reach(a)) do
    local rules = D.queue(queue)
    if rules and (rules.offer.parallel or 1) > 1 then places[#places + 1] = '+' .. queue end
  end
  if #places == 0 then return nil end
  local fits = {}
  for _, kind in ipairs(D.kinds()) do fits[kind] = room[kind] or nil end
  local list = classes(places, fits)
  if #list == 0 then return nil end
  local passed = call('ZCARD', P .. 'cool:' .. a.name) + call('ZCARD', P .. 'offers:' .. a.name)
  return best_of(a, list, passed, {looks = 4})
end
