-- What the configuration says, as the roster scripts wrote it.
local decoded, size = {}, 0

-- What a text says, decoded once for all calls: never to be changed.
local function reading(text)
  local value = decoded[text]
  if not value then
    if size > 10000 then decoded, size = {}, 0 end
    value = cjson.decode(text)
    decoded[text], size = value, size + 1
  end
  return value
end

-- What is asked for at every call, worked out once: kinds in a fixed order, and for each the fields of an agent's load
-- and count, those of the loads that keep it from him, and of the dormant among them.
local function prepare(all)
  local order = {}
  for name in pairs(all.kinds) do order[#order + 1] = name end
  table.sort(order)
  all.in_order, all.loads, all.asleep, all.known_skills = order, {}, {}, {}
  for _, skill in ipairs(all.skills or {}) do all.known_skills[skill] = true end
  for i, name in ipairs(order) do
    local kind, free, blocked_by, asleep = all.kinds[name], {}, {}, {}
    kind.load, kind.count, kind.blocked_by, kind.asleep = 'l.' .. name, 'n.' .. name, blocked_by, asleep
    all.loads[i], all.asleep[i] = kind.load, 'd.' .. name
    for _, other in ipairs(kind.interrupts or {}) do free[other] = true end
    for _, other in ipairs(order) do
      if not free[other] then blocked_by[#blocked_by + 1], asleep[#asleep + 1] = 'l.' .. other, 'd.' .. other end
    end
  end
  return all
end

function D.settings()
  local settings = D.standing.settings
  if not settings then
    local text = call('GET', P .. 'settings')
    if not text then D.fail('conflict', 'the desk has no configuration yet', 'roster') end
    settings = reading(text)
    if not settings.in_order then prepare(settings) end
    D.standing.settings = settings
  end
  return settings
end

-- nil for a queue that is not there.
function D.queue(name)
  local known = D.standing.queues
  local q = known[name]
  if q == nil then
    local text = call('HGET', P .. 'queues', name)
    q = text and reading(text) or false
    known[name] = q
  end
  return q or nil
end

function D.queue_names()
  local names = call('HKEYS', P .. 'queues')
  table.sort(names)
  return names
end

function D.kind(name)
  local kind = D.settings().kinds[name]
  if not kind then D.fail('invalid', 'no channel kind ' .. tostring(name)) end
  return kind
end

-- Kinds in a fixed order.
function D.kinds()
  return D.settings().in_order
end
