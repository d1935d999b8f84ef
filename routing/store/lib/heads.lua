-- The index of lanes that are not empty: of each class in a queue the heads of its lanes, of each queue its classes by
-- their oldest head. Every match reads it and few change it: it is kept between calls (D.kept), as Redis holds it. Of a
-- class the oldest heads are kept as far as they were looked at, and no more of all than MOST: what is behind them is
-- read when somebody looks so far.
local MOST = 20000  -- heads
local PAGE = 1000  -- of a class, read at once

local function new_index()
  return {queues = {}, count = 0}
end

local function index()
  return D.kept('lanes', new_index)
end

-- A class of a queue: its lanes' keys but for the demand, its oldest head and its heads, when they were read; `serves`:
-- the queue itself, of what stands in "+QUEUE". `fits`, `urgency` and `key` belong to whoever looks through it.
local function new_class(queue, class, oldest)
  local kind, priority, promise_s = class:match('^([^:]+):([^:]+):(.+)$')
  return {queue = queue, class = class, kind = kind, priority = priority, promise_s = tonumber(promise_s),
    serves = queue:match('^%+(.*)$'), lane = P .. 'lane:' .. queue .. ':' .. class .. ':', oldest = oldest, heads = nil,
    fits = nil, urgency = nil, value = nil, exponent = nil, key = nil}
end

-- The classes of a queue in which something waits, by name.
function D.classes_in(queue)
  local known = index().queues
  local classes = known[queue]
  if not classes then
    local flat = call('ZRANGE', P .. 'busy:' .. queue, '0', '-1', 'WITHSCORES')
    classes = {}
    for i = 1, #flat, 2 do classes[flat[i]] = new_class(queue, flat[i], tonumber(flat[i + 1])) end
    known[queue] = classes
  end
  return classes
end

local function heads_key(x)
  return P .. 'heads:' .. x.queue .. ':' .. x.class
end

-- Some heads of a class, the oldest first, from `from` on; `whole`: there are none behind them.
local function new_heads(from)
  return {demands = {}, ages = {}, by = {}, from = from, whole = false}
end

-- Reads what is behind them. Returns how many there were.
local function read_on(x, heads)
  local first = heads.from + #heads.demands
  local flat = call('ZRANGE', heads_key(x), D.text(first), D.text(first + PAGE - 1), 'WITHSCORES')
  for i = 1, #flat, 2 do
    local text, age, at = flat[i], tonumber(flat[i + 1]), #heads.demands + 1
    heads.demands[at], heads.ages[at], heads.by[text] = text, age, age
  end
  heads.whole = #flat < 2 * PAGE
  return #flat / 2
end

-- The lanes of a class: their demands, and the heads (`ages`), the oldest first; and these by demand (`by`). As many as
-- are kept: whoever needs further ones asks for D.more_heads.
function D.heads(x)
  local heads = x.heads
  if heads then return heads end
  heads = new_heads(0)
  x.heads = heads
  local known = index()
  if known.count < MOST then known.count = known.count + read_on(x, heads) end
  return heads
end

-- For who has looked through `heads` of the class: where those behind them are, and at which place they begin; nil when
-- there are none. Nothing may have changed meanwhile.
function D.more_heads(x, heads)
  if heads.whole then return nil end
  local known, place = index(), #heads.demands + 1
  if heads == x.heads and known.count < MOST then
    known.count = known.count + read_on(x, heads)
  else
    heads, place = new_heads(heads.from + #heads.demands), 1
    read_on(x, heads)
  end
  if heads.demands[place] then return heads, place end
end

-- The youngest of those that are kept are so no longer; all of one age, for Redis may have them in another order.
local function cut(known, heads)
  local demands, ages, age = heads.demands, heads.ages, heads.ages[#heads.ages]
  while #ages > 0 and ages[#ages] == age do
    heads.by[demands[#demands]], demands[#demands], ages[#ages] = nil, nil, nil
    known.count = known.count - 1
  end
  heads.whole = false
end

local function drop_head(known, heads, text)
  if not heads.by[text] then return end
  local demands = heads.demands
  for i = 1, #demands do
    if demands[i] == text then
      table.remove(demands, i)
      table.remove(heads.ages, i)
      break
    end
  end
  heads.by[text] = nil
  known.count = known.count - 1
end

-- Puts a head to its place; nil: out. Behind those that are kept it is not kept, unless they are the whole.
local function keep_head(known, heads, text, age)
  drop_head(known, heads, text)
  if not age then return end
  local demands, ages = heads.demands, heads.ages
  local at = #demands
  if not heads.whole and (at == 0 or age > ages[at]) then return end
  if not heads.whole and age == ages[at] then return cut(known, heads) end
  while at > 0 and (ages[at] > age or ages[at] == age and demands[at] > text) do at = at - 1 end
  table.insert(demands, at + 1, text)
  table.insert(ages, at + 1, age)
  heads.by[text] = age
  known.count = known.count + 1
  if known.count > MOST then cut(known, heads) end
end

local function oldest_of(x)
  local heads = x.heads
  if heads.whole or heads.ages[1] then return heads.ages[1] end
  return tonumber(call('ZRANGE', heads_key(x), '0', '0', 'WITHSCORES')[2])
end

local function show_class(classes, x)
  local oldest, busy = oldest_of(x), P .. 'busy:' .. x.queue
  if x.oldest == oldest then return end
  if oldest then
    if call('ZADD', busy, D.text(oldest), x.class) == 1 then call('SADD', P .. 'busyq', x.queue) end
  else
    call('ZREM', busy, x.class)
    if call('EXISTS', busy) == 0 then call('SREM', P .. 'busyq', x.queue) end
  end
  x.oldest, classes[x.class] = oldest, oldest and x or nil
end

-- The head of a lane; nil when it is empty.
local function head_of(x, heads, text)
  local age = heads.by[text]
  if age or heads.whole then return age end
  return tonumber(call('ZSCORE', heads_key(x), text) or nil)
end

-- The head of a lane is `age` from now on; nil: the lane is empty. `joins`: unless there is an older one.
function D.set_head(queue, class, text, age, joins)
  local classes = D.classes_in(queue)
  local x = classes[class] or new_class(queue, class)
  local heads, key = D.heads(x), P .. 'heads:' .. queue .. ':' .. class
  if joins then
    local head = head_of(x, heads, text)
    if head and head <= age then return end
  end
  D.kept_changed('lanes')
  if age then call('ZADD', key, D.text(age), text) else call('ZREM', key, text) end
  keep_head(index(), heads, text, age)
  show_class(classes, x)
end

-- To be said where the index was mended but for this.
function D.forget_heads()
  D.kept_changed('lanes')
  D.standing.lanes = nil
end
