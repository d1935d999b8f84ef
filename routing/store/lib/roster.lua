-- The roster: who may do what. Written at a reload, one agent or queue a call.

local function skills_text(skills)
  local parts = {}
  for skill, level in pairs(skills or {}) do parts[#parts + 1] = format('%s=%d', skill, level) end
  table.sort(parts)
  return concat(parts, ','), #parts
end

-- Puts him into, or takes him out of, the set of each known demand of these queues.
local function write_eligible(a, queues)
  for queue in pairs(queues) do
    for _, text in ipairs(call('ZRANGE', P .. 'demands:' .. queue, 0, -1)) do
      call(D.admits(a, queue, text) and 'SADD' or 'SREM', P .. 'elig:' .. queue .. ':' .. text, a.name)
    end
  end
end

-- Out of everything that stands for his queues and skills.
function D.unlist(a)
  for _, queue in ipairs(a.queues) do
    call('ZREM', P .. 'agents:' .. queue, a.name)
    call('SREM', P .. 'avail:' .. queue, a.name)
    for skill in pairs(D.skills(a)) do call('ZREM', P .. 'skill:' .. queue .. ':' .. skill, a.name) end
    for _, kind in ipairs(D.kinds()) do call('ZREM', P .. 'free:' .. queue .. ':' .. kind, a.name) end
  end
  D.set_agent(a, 'av', nil)
  D.set_agent(a, 'free', nil)
  D.rule_out(a, '')
end

local function list(a)
  for _, queue in ipairs(a.queues) do
    call('ZADD', P .. 'agents:' .. queue, 0, a.name)
    for skill, level in pairs(D.skills(a)) do call('ZADD', P .. 'skill:' .. queue .. ':' .. skill, level, a.name) end
  end
end

-- Wherever his record says he is.
function D.relist(a)
  local queues = {}
  for _, queue in ipairs(D.reach(a)) do queues[queue] = true end
  list(a)
  write_eligible(a, queues)
  D.roster_changed()
  a.unsettled = true
  D.look_again(a.name)
end

-- The queues whose demands concern him, before and after.
local function concerned(a, into)
  a.reachable = nil
  for _, queue in ipairs(D.reach(a)) do into[queue] = true end
end

function D.enlist(a, args)
  local queues = {}
  D.unlist(a)
  concerned(a, queues)
  local text, count = skills_text(args.skills)
  D.set_agent(a, 'sk', text)
  D.set_agent(a, 'ns', count)
  D.set_agent(a, 'qs', concat(args.queues or {}, ','))
  a.skills, a.queues, a.serves = args.skills or {}, args.queues or {}, {}
  for _, queue in ipairs(a.queues) do a.serves[queue] = true end
  concerned(a, queues)
  list(a)
  write_eligible(a, queues)
  D.roster_changed()
end

function D.delist(a)
  local queues = {}
  D.unlist(a)
  concerned(a, queues)
  a.serves, a.queues = {}, {}
  write_eligible(a, queues)
  D.roster_changed()
  D.set_agent(a, 'qs', '')
end

-- Somebody of whom nothing is known yet.
function D.fresh_agent(name)
  local a = D.record({name = name, skills = {}, queues = {}, serves = {}}, nil, {cap = 0})
  D.agents[name] = a
  D.set_agent(a, 'p', 'away')
  D.set_agent(a, 's', D.now)
  D.set_agent(a, 'idle', D.now)
  return a
end

-- What the arguments of `roster_agent` say of him.
function D.write_agent(a, args)
  D.set_agent(a, 'gone', nil)
  D.set_agent(a, 'nm', args.name or args.agent)
  D.set_agent(a, 'cap', args.capacity)
  D.set_agent(a, 'kw', args.kinds and cjson.encode(args.kinds) or nil)
  a.overrides = nil
  D.enlist(a, args)
  D.set_agent(a, 'off', args.on_shift == false and '1' or nil)
  D.show_available(a)
  D.settle(a)
end

-- Conversations of a queue that are not done, as lists of keys.
D.open_states = {'waiting', 'offered', 'active', 'pending', 'snoozed'}
