-- The index of lanes that are not empty: of each class in a queue the heads of its lanes, of each queue its classes by
-- their oldest head. Every match reads it and few change it: it is kept between calls (D.kept), as Redis holds it.
local MOST = 20000  -- heads that are read before all is read anew

local function new_index()
  return {queues = {}, count = 0}
end

-- A class of a queue: its lanes' keys but for the demand, its oldest head and its heads, when they were read; `serves`:
-- the queue itself, of what stands in "+QUEUE". `fits` and `urgency` belong to whoever looks through it.
local function new_class(queue, class, oldest)
  local kind, priority, promise_s = class:match('^([^:]+):([^:]+):(.+)$')
  return {queue = queue, class = class, kind = kind, priority = priority, promise_s = tonumber(promise_s),
    serves = queue:match('^%+(.*)$'), lane = P .. 'lane:' .. queue .. ':' .. class .. ':', oldest = oldest, heads = nil,
    fits = nil, urgency = nil, value = nil, exponent = nil}
end

-- The classes of a queue in which something waits, by name.
function D.classes_in(queue)
  local known = D.kept('lanes', new_index).queues
  local classes = known[queue]
  if not classes then
    local flat = call('ZRANGE', P .. 'busy:' .. queue, '0', '-1', 'WITHSCORES')
    classes = {}
    for i = 1, #flat, 2 do classes[flat[i]] = new_class(queue, flat[i], tonumber(flat[i + 1])) end
    known[queue] = classes
  end
  return classes
end

-- The lanes of a class: their demands, and the heads (`ages`), the oldest first; and these by demand (`by`).
function D.heads(x)
  local heads = x.heads
  if heads then return heads end
  local flat = call('ZRANGE', P .. 'heads:' .. x.queue .. ':' .. x.class, '0', '-1', 'WITHSCORES')
  heads = {demands = {}, ages = {}, by = {}}
  for i = 1, #flat, 2 do
    local text, age, at = flat[i], tonumber(flat[i + 1]), (i + 1) / 2
    heads.demands[at], heads.ages[at], heads.by[text] = text, age, age
  end
  x.heads = heads
  local known = D.kept('lanes', new_index)
  known.count = known.count + #heads.demands + 1
  return heads
end

-- Puts a head to its place; nil: out.
local function keep_head(heads, text, age)
  local demands, ages = heads.demands, heads.ages
  for i = heads.by[text] and 1 or #demands + 1, #demands do
    if demands[i] == text then
      table.remove(demands, i)
      table.remove(ages, i)
      break
    end
  end
  heads.by[text] = age
  if not age then return end
  local at = #demands
  while at > 0 and (ages[at] > age or ages[at] == age and demands[at] > text) do at = at - 1 end
  table.insert(demands, at + 1, text)
  table.insert(ages, at + 1, age)
end

local function show_class(classes, x)
  local oldest, busy = x.heads.ages[1], P .. 'busy:' .. x.queue
  if x.oldest == oldest then return end
  if oldest then
    if call('ZADD', busy, D.text(oldest), x.class) == 1 then call('SADD', P .. 'busyq', x.queue) end
  else
    call('ZREM', busy, x.class)
    if call('EXISTS', busy) == 0 then call('SREM', P .. 'busyq', x.queue) end
  end
  x.oldest, classes[x.class] = oldest, oldest and x or nil
end

-- The head of a lane is `age` from now on; nil: the lane is empty. `joins`: unless there is an older one.
function D.set_head(queue, class, text, age, joins)
  local classes = D.classes_in(queue)
  local x = classes[class] or new_class(queue, class)
  local heads, key = D.heads(x), P .. 'heads:' .. queue .. ':' .. class
  local head = heads.by[text]
  if joins and head and head <= age then return end
  D.kept_changed('lanes')
  if age then call('ZADD', key, D.text(age), text) else call('ZREM', key, text) end
  keep_head(heads, text, age)
  show_class(classes, x)
  if D.standing.lanes.value.count > MOST then D.standing.lanes = nil end
end

-- To be said where the index was mended but for this.
function D.forget_heads()
  D.kept_changed('lanes')
  D.standing.lanes = nil
end
