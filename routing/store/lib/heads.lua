-- The index of lanes that are not empty: of each class in a queue the heads of its lanes, of each queue its classes with
-- their oldest head. Every match reads it and few change it: it is kept between calls (D.kept), as Redis holds it.
local MOST = 20000  -- heads that are kept

local function new_index()
  return {classes = {}, heads = {}, count = 0}
end

local function index()
  return D.kept('lanes', new_index)
end

-- The classes of a queue in which something waits, with the oldest head of each.
function D.classes_in(queue)
  local known = index().classes
  local classes = known[queue]
  if not classes then
    local flat = call('ZRANGE', P .. 'busy:' .. queue, '0', '-1', 'WITHSCORES')
    classes = {}
    for i = 1, #flat, 2 do classes[flat[i]] = tonumber(flat[i + 1]) end
    known[queue] = classes
  end
  return classes
end

local function read_heads(queue, class)
  local flat = call('ZRANGE', P .. 'heads:' .. queue .. ':' .. class, '0', '-1', 'WITHSCORES')
  local heads = {texts = {}, ages = {}, by = {}}
  for i = 1, #flat, 2 do
    local text, age, at = flat[i], tonumber(flat[i + 1]), (i + 1) / 2
    heads.texts[at], heads.ages[at], heads.by[text] = text, age, age
  end
  return heads
end

-- The lanes of a class: the demands (`texts`) and the heads (`ages`), the oldest first; and these by demand (`by`).
function D.heads(queue, class)
  local known, name = index(), queue .. ':' .. class
  local heads = known.heads[name]
  if not heads then
    heads = read_heads(queue, class)
    if known.count > MOST then known.heads, known.count = {}, 0 end
    known.heads[name], known.count = heads, known.count + 1 + #heads.texts
  end
  return heads
end

-- Puts a head to its place; nil: out.
local function keep_head(heads, text, age)
  local texts, ages = heads.texts, heads.ages
  for i = heads.by[text] and 1 or #texts + 1, #texts do
    if texts[i] == text then
      table.remove(texts, i)
      table.remove(ages, i)
      break
    end
  end
  heads.by[text] = age
  if not age then return end
  local at = #texts
  while at > 0 and (ages[at] > age or ages[at] == age and texts[at] > text) do at = at - 1 end
  table.insert(texts, at + 1, text)
  table.insert(ages, at + 1, age)
end

local function show_class(queue, class)
  local classes, oldest, busy = D.classes_in(queue), D.heads(queue, class).ages[1], P .. 'busy:' .. queue
  if classes[class] == oldest then return end
  if oldest then
    if call('ZADD', busy, D.text(oldest), class) == 1 then call('SADD', P .. 'busyq', queue) end
  else
    call('ZREM', busy, class)
    if call('EXISTS', busy) == 0 then call('SREM', P .. 'busyq', queue) end
  end
  classes[class] = oldest
end

-- The head of a lane is `age` from now on; nil: the lane is empty.
function D.set_head(queue, class, text, age)
  local heads, key = D.heads(queue, class), P .. 'heads:' .. queue .. ':' .. class
  D.kept_changed('lanes')
  if age then call('ZADD', key, D.text(age), text) else call('ZREM', key, text) end
  keep_head(heads, text, age)
  show_class(queue, class)
end

-- To be said where the index was mended but for this.
function D.forget_heads()
  D.kept_changed('lanes')
  D.standing.lanes = nil
end
