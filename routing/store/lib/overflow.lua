-- Overflow: to another queue, or an answer, before queueing or after a time.

D.on_start(function()
  D.answers = D.emptied(D.answers)
end)

local function waiting_in(queue)
  local count = 0
  for _, kind in ipairs(D.kinds()) do count = count + call('ZCARD', P .. 'in:waiting:' .. queue .. ':' .. kind) end
  return count
end

local function holds(c, rule)
  if rule.waiting then
    local others = waiting_in(c.q) - (c.was_st == 'waiting' and c.was_q == c.q and 1 or 0)
    if others < rule.waiting then return false end
  end
  if rule.nobody and D.admitted(c.q, D.demand_text(D.long(c).require or {})) > 0 then return false end
  if rule.wait or rule.closed then
    local state = call('HMGET', P .. 'qstate:' .. c.q, 'closed', 'p50:' .. c.k)
    if rule.closed and state[1] ~= '1' then return false end
    if rule.wait and (tonumber(state[2]) or 0) < rule.wait then return false end
  end
  return true
end

-- What a queue says of each skill, with the conversation's own language in place of `language`; without it when agents
-- have no such skill. `put` joins it to what is said of that skill itself.
local function in_language(language, of_skills, put)
  if not (of_skills and of_skills.language) then return of_skills end
  local own = {}
  for skill, value in pairs(of_skills) do
    if skill ~= 'language' then own[skill] = value end
  end
  if language and D.settings().known_skills[language] then
    own[language] = put(own[language], of_skills.language)
  end
  return own
end

local function larger(level, other)
  return max(level or 0, other)
end

local function in_language_preferred(language, prefer)
  local steps = {}
  for _, step in ipairs(prefer or {}) do
    local skills = in_language(language, step.skills, larger)
    if skills and next(skills) then
      steps[#steps + 1] = {skills = skills, ['for'] = step['for'], unless = step.unless}
    end
  end
  return steps
end

-- What is asked for in a queue that it is moved to: what was required already, and of the queue itself.
local function asked_there(language, required, to)
  local levels = {}
  for _, from in ipairs({required or {}, in_language(language, to.require, larger) or {}}) do
    for skill, level in pairs(from) do levels[skill] = max(levels[skill] or 0, level) end
  end
  local bands = in_language(language, to.bands, function(floors, other) return floors or other end)
  return levels, in_language_preferred(language, to.prefer), bands
end

-- To another queue, whose own demand is added to what is asked already. It must not be in a lane.
function D.move(c, to)
  local long = D.touch_long(c)
  D.set(c, 'q', to.queue)
  if to.promise_s then D.set(c, 'ps', to.promise_s) end
  local levels, prefer, bands = asked_there(D.fixed(c).lg, long.require, to)
  D.demand_of(c, long, {require = levels, prefer = prefer, rings = to.rings, bands = bands})
end

-- What it asks for where it moves to: what it asked for already (`text`, its open rings aside), and of the new queue.
local function asks_there(text, to)
  local levels, rings = {}, {}
  for _, need in ipairs(D.parse_demand(text).skills) do levels[need[1]] = need[2] end
  for skill, level in pairs(to.require or {}) do levels[skill] = max(levels[skill] or 0, level) end
  -- Which language that is differs from one to the other.
  levels.language = nil
  for i, ring in ipairs(to.rings or {}) do rings[i] = ring.queue end
  return D.demand_text(levels, rings)
end

-- Whether what nobody of this queue can take comes to somebody who can: by a rule with a time, and by all that follows
-- there. That the rule's other conditions come to hold is taken for possible.
function D.rescued(queue, text, kind, moves)
  moves = moves or 0
  local rules = D.queue(queue)
  for _, rule in ipairs(moves < 5 and rules and rules.overflow or {}) do
    local to = (rule.after or moves > 0) and rule.to
    if to and D.queue(to.queue) then
      local asks = asks_there(text, to)
      if D.somebody_meets(to.queue, asks, kind) or D.rescued(to.queue, asks, kind, moves + 1) then return true end
    end
  end
  return false
end

-- A class whose queue is gone gets the one that has its work now, as a daemon that has not reloaded does not know it.
-- One that is in no roster yet, or no longer, is refused: the caller may try again.
function D.follow_queue(class)
  for _ = 1, 10 do
    if D.queue(class.queue) then return end
    local text = call('HGET', P .. 'moved', class.queue)
    if not text then break end
    local to = cjson.decode(text)
    class.require, class.prefer, class.bands = asked_there(class.language, class.require, to)
    class.rings = to.rings
    class.queue, class.promise_s = to.queue, to.promise_s or class.promise_s
  end
  D.fail('conflict', 'the desk has no queue ' .. class.queue, 'roster')
end

-- The queue that takes over what has none: the first by name whose agents can take it, else the first that has agents.
function D.shelter(c)
  local names, demand = D.queue_names(), D.widest(c)
  for _, name in ipairs(names) do
    if D.somebody_meets(name, demand, c.k) then return name end
  end
  for _, name in ipairs(names) do
    if call('EXISTS', P .. 'agents:' .. name) == 1 then return name end
  end
  return names[1]
end

-- What was resolved when its queue went was not moved with the rest: it goes where that went, else to a shelter.
function D.rehouse(c)
  for _ = 1, 10 do
    if D.queue(c.q) then return end
    local text = call('HGET', P .. 'moved', c.q)
    if not text then break end
    D.move(c, cjson.decode(text))
  end
  if not D.queue(c.q) then D.set(c, 'q', D.shelter(c) or c.q) end
end

-- Pins what is asked of an agent.
function D.demand_of(c, long, class)
  long.require, long.prefer = D.some(class.require), D.some(class.prefer)
  long.rings, long.bands = D.some(class.rings), D.some(class.bands)
  D.set(c, 'pl', (long.prefer or long.rings) and '1' or nil)
  D.set(c, 'bn', long.bands and '1' or nil)
  D.set(c, 'd', D.demand_text(long.require or {}))
  D.set(c, 'rx', D.now)
  D.set(c, 'dr', nil)
end

local function applied(c, i)
  return (c.ov or ''):find(';' .. c.q .. '#' .. i .. ';', 1, true)
end

-- Whether a rule whose time has passed holds now.
function D.overflow_due(c)
  local rules = D.queue(c.q)
  for i, rule in ipairs(rules and rules.overflow or {}) do
    if rule.after and D.now - c.rx >= rule.after and not applied(c, i) and holds(c, rule) then return true end
  end
  return false
end

-- Applies what holds now. `late`: rules with a time that has passed; else those for newcomers. True when it moved.
function D.overflow(c, late)
  local moved = false
  for _ = 1, 5 do
    local rules, again = D.queue(c.q), false
    for i, rule in ipairs(rules and rules.overflow or {}) do
      local mark = ';' .. c.q .. '#' .. i .. ';'
      local due = late and rule.after and D.now - c.rx >= rule.after or not late and not rule.after
      if due and not (c.ov or ''):find(mark, 1, true) and holds(c, rule) then
        D.set(c, 'ov', (c.ov or '') .. mark)
        if rule.to and D.queue(rule.to.queue) then
          D.move(c, rule.to)
          D.emit('conversation.overflowed', c, nil, {'to_queue', c.q})
          moved, again = true, true
          break
        elseif rule.answer then
          D.owe(c, 'overflow:' .. rule.answer .. ':' .. c.n)
          D.answers[#D.answers + 1] = {conversation = c.id, answer = rule.answer, seq = c.n}
          D.emit('conversation.overflowed', c, nil, {'answer', rule.answer})
        end
      end
    end
    if not again then break end
    late = false
  end
  return moved
end

-- When a rule with a time comes next, and the rule; one whose time has passed is looked at every minute.
function D.overflow_at(c)
  local rules, at, first = D.queue(c.q), nil, nil
  for i, rule in ipairs(rules and rules.overflow or {}) do
    if rule.after and not applied(c, i) then
      local when = c.rx + rule.after
      if when <= D.now then when = D.now + 60000 end
      if not at or when < at then at, first = when, rule end
    end
  end
  return at, first
end
