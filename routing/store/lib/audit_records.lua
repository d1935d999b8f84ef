-- Audit of records that nothing else stands for: the desk's counts, who is in the roster, contacts.
local highest

D.on_start(function()
  highest = D.emptied(highest)
end)

-- A number that was given out: the count must have reached it, or the next one is given twice.
function D.audit_number(name, number)
  if not number or number <= max(D.count(name), highest[name] or 0) then return end
  highest[name] = number
  local detail = format('%s are counted to %d, and there is %d', name, D.count(name), number)
  D.audit_find('count.lost', {}, detail, function() D.count_from(name, number) end)
end

-- The time of the stream's last entry, and the number of the last event in it; nil when there is none.
function D.last_event()
  local last = call('XREVRANGE', P .. 'events', '+', '-', 'COUNT', '1')[1]
  if last then return tonumber(last[1]:match('^%d+')), D.number_of_event(last[2][#last[2]]) end
end

function D.audit_events()
  local _, number = D.last_event()
  D.audit_number('seq', number)
end

-- Whether an offer of it must have ended: who has it or answered it accepted one, unless he began it himself.
local function was_offered(c)
  if (c.cd or ''):find('=[1-9]') then return true end
  return (c.ow or c.fr) and D.fixed(c).ini == 'customer'
end

function D.audit_decisions(c, of)
  if call('EXISTS', P .. 'dec:' .. c.id) == 1 or not was_offered(c) then return end
  D.audit_find('decision.lost', of, 'how it came to its agents is not there', function() D.lose_decisions(c) end)
end

-- An agent who has a record.
function D.audit_listed(name)
  if call('ZSCORE', P .. 'agents', name) then return end
  D.audit_find('roster.lost', {agent = name}, 'is not in the list of agents', function()
    call('ZADD', P .. 'agents', '0', name)
  end)
end

-- One whom the roster names, and who has none.
function D.audit_lost_agent(name)
  return D.audit_find('roster.lost', {agent = name}, 'has no record', function()
    call('ZREM', P .. 'agents', name)
    call('HDEL', P .. 'roster', name)
    call('DEL', P .. 'wrap:' .. name)
    -- So that the next reload writes him, though it be of the same configuration.
    call('HSET', KEYS[1], 'writing', '')
  end)
end

-- Who opened it, and would be somebody else when he writes again.
local function check_way(c, of)
  for _, who in ipairs(D.participants(c)) do
    if not who.late and not who.answers and not D.contact_of(who) then
      D.audit_find('contact.lost', of, 'nothing leads from who wrote it to ' .. c.ct, function()
        D.map_add('id', who.kind .. ':' .. who.value, c.ct)
      end)
    end
  end
end

function D.audit_contact(c, of)
  if not c.ct or not D.audit_contact_readable(c.ct) then return end
  local p = D.find_contact(c.ct)
  if not p then
    D.audit_find('contact.lost', of, 'its contact ' .. c.ct .. ' has no record', function()
      p = D.empty_contact(c.ct)
    end)
  end
  if p and D.mends() then D.rejoin_contact(p, c) end
  check_way(c, of)
end
