-- What the configuration says, as the roster scripts wrote it.
--@include core
function D.settings()
  if not D.the_settings then
    local text = call('GET', P .. 'settings')
    if not text then D.fail('conflict', 'the desk has no configuration yet', 'roster') end
    D.the_settings = cjson.decode(text)
  end
  return D.the_settings
end

local known_queues = {}

-- nil for a queue that is not there.
function D.queue(name)
  local q = known_queues[name]
  if q == nil then
    local text = call('HGET', P .. 'queues', name)
    q = text and cjson.decode(text) or false
    known_queues[name] = q
  end
  return q or nil
end

function D.kind(name)
  local kind = D.settings().kinds[name]
  if not kind then D.fail('invalid', 'no channel kind ' .. tostring(name)) end
  return kind
end

-- Kinds in a fixed order.
function D.kinds()
  if not D.the_kinds then
    D.the_kinds = {}
    for name in pairs(D.settings().kinds) do table.insert(D.the_kinds, name) end
    table.sort(D.the_kinds)
  end
  return D.the_kinds
end
