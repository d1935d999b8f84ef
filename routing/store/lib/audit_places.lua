-- Audit of what all else stands on: that each key is of the type that its name asks for, and that the desk's settings
-- and queues are there. Looked at before anything else.
local names_of = {
  zset = 'agents agents: skill: demands: state: free: in: lane: own: heads: busy: wider: unless: cool: offers: ' ..
    'work: timers: sockets: sweep outbox sending texts',
  set = 'avail: elig: dry: out: busyq suspect blob:',
  hash = 'queues roster moved holds wrap: qstate: ob: id: ext: once:',
  list = 'dec: obq: audit',
  stream = 'events'
}
local type_of

local function expected_type(name)
  if not type_of then
    type_of = {}
    for kind, names in pairs(names_of) do
      for one in names:gmatch('%S+') do type_of[one] = kind end
    end
  end
  return type_of[name:match('^%a+:?')]
end

-- What is derived is built anew from nothing, by the checks that come after.
function D.audit_type(key)
  local name = key:sub(#P + 1)
  local should = expected_type(name)
  local is = should and call('TYPE', key).ok
  if not should or is == should or is == 'none' then return true end
  return D.audit_find('record.unreadable', {}, format('%s is a %s and should be a %s', name, is, should), function()
    D.clear_place(name)
    D.roster_changed()
    D.kept_changed('holds')
    D.forget_heads()
  end)
end

-- The next reload writes it, though it be of the same configuration.
local function lost(detail, mend)
  return D.audit_find('roster.lost', {}, detail, function()
    mend()
    D.roster_changed()
    call('HSET', KEYS[1], 'writing', 'lost')
  end)
end

local function is_object(text)
  local read, value = pcall(cjson.decode, text or '')
  return read and type(value) == 'table'
end

local function check_settings()
  local there = call('TYPE', P .. 'settings').ok == 'string'
  if there and is_object(call('GET', P .. 'settings')) then return true end
  local why = there and 'the settings cannot be read' or 'the settings are not there'
  lost(why, function() D.clear_place('settings') end)
end

local function check_queues()
  local flat, right = call('HGETALL', P .. 'queues'), true
  for i = 1, #flat, 2 do
    if not is_object(flat[i + 1]) then
      right = false
      lost('the settings of queue ' .. flat[i] .. ' cannot be read', function()
        call('HDEL', P .. 'queues', flat[i])
      end)
    end
  end
  return right
end

-- Whether the desk's foundations are there, so that what stands on them can be looked at.
function D.audit_foundations()
  local right = true
  for _, name in ipairs({'agents', 'queues', 'roster', 'audit', 'suspect', 'sweep', 'events'}) do
    right = D.audit_type(P .. name) and right
  end
  if not right then return false end
  local settings, queues = check_settings(), check_queues()
  return settings and queues
end

-- A queue that has agents, and is in no roster. While one is being written, that may be.
function D.audit_queue_of(key)
  local queue = key:sub(#P + 1):match('^agents:(.*)$')
  if not queue or call('HEXISTS', P .. 'queues', queue) == 1 or call('HEXISTS', KEYS[1], 'writing') == 1 then return end
  lost('queue ' .. queue .. ' has agents and no settings', function() end)
end

-- Whether a reload must write first what was lost.
function D.audit_waits_for_reload()
  return call('HGET', KEYS[1], 'writing') == 'lost'
end
