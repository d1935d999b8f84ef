-- An offer's end: accepted, declined, expired.

-- The live offer of this agent, or a refusal that says how it ended.
function D.live_offer(id, name)
  local o = D.find_offer(id)
  if not o or o.a ~= name then D.fail('not_found', 'no offer ' .. id .. ' to ' .. name) end
  if o.st ~= 'live' then D.fail('conflict', o.st .. ': offer ' .. id .. ' is over', o.st) end
  return o, D.conversation(o.c)
end

-- The pair's cool-down: longer with each miss.
local function cool(c, name, rules)
  local counts, times = {}, 0
  for who, count in (c.cd or ''):gmatch('([^=;]+)=(%d+)') do
    if who == name then times = tonumber(count) else counts[#counts + 1] = who .. '=' .. count end
  end
  counts[#counts + 1] = name .. '=' .. (times + 1)
  D.set(c, 'cd', concat(counts, ';'))
  D.cool_pair(c, name, min(rules.cooldown_max or 600000, rules.cooldown * 2 ^ min(times, 20)))
end

function D.cool_pair(c, name, duration)
  if duration <= 0 then return end
  if not c.cd then D.set(c, 'cd', name .. '=0') end
  call('ZADD', P .. 'cool:' .. name, D.now + duration, c.id)
  call('ZADD', P .. 'timers:bulk', D.now + duration, 'c|' .. name .. '|' .. c.id)
end

local function missed(a, rules)
  D.set_agent(a, 'mi', D.number(a, 'mi') + 1)
  local limit = rules.misses_before_away
  if limit > 0 and a.p == 'available' and D.number(a, 'mi') >= limit then
    D.set_presence(a, 'away', format('missed %d offers', D.number(a, 'mi')))
    D.set_agent(a, 'mi', 0)
    D.take_back_offers(a, 'away')
    D.presence_changed(a)
  end
end

-- Declined or expired: the pair cools down, the conversation goes to the next best.
function D.miss(c, o, outcome, reason)
  local rules = (D.queue(c.q) or {}).offer or {cooldown = 60000, misses_before_away = 0}
  local a = D.close_offer(c, o, outcome)
  D.emit('offer.' .. outcome, c, reason, {'offer', o.id, 'to', o.a})
  cool(c, o.a, rules)
  if a then missed(a, rules) end
  if not c.of then D.place(c, outcome) end
  if a then D.look_again(a.name) end
end

function D.accept(c, o)
  local a = D.agent(o.a)
  D.close_offer(c, o, 'accepted')
  D.take_back_all(c, 'taken')
  D.emit('offer.accepted', c, nil, {'offer', o.id, 'to', o.a})
  D.own(c, a, o.w)
  D.set(c, 'cd', nil)
  D.set_agent(a, 'mi', 0)
  if o.dec then call('SET', P .. 'why:' .. c.id, o.dec) end
  D.emit('conversation.assigned', c, 'accepted', {'offer', o.id})
end
