-- Offers: made, and how they end: accepted, declined, expired, taken back.
local known

D.on_start(function()
  known, D.made = D.emptied(known), D.emptied(D.made)
end)

function D.find_offer(id)
  local o = known[id]
  if o then return o end
  local packed = call('GET', P .. 'o:' .. id)
  if not packed then return nil end
  o = D.record({id = id}, packed)
  known[id] = o
  return o
end

-- For the audit: its record is no more.
function D.forget_offer(id)
  known[id] = nil
end

-- Live offers of a conversation, as {id, agent}.
function D.live_offers(c)
  local list = {}
  if not c.of then return list end
  for id, name in c.of:gmatch('([^=;]+)=([^;]+)') do list[#list + 1] = {id = id, agent = name} end
  return list
end

function D.has_offer(c, name)
  return c and ((c.of or '') .. ';'):find('=' .. name .. ';', 1, true)
end

local function write_offer(c, a, id, decision)
  local weight, text = D.weight(a, c.k), cjson.encode(decision)
  local fields = {c = c.id, a = a.name, w = weight, st = 'live', k = c.k, dec = text, at = D.now, idle = a.idle or 0}
  local o = D.record({id = id}, nil, fields)
  known[id] = o
  D.made[#D.made + 1] = {offer = id, agent = a.name, conversation = c.id}
  local rules = D.queue(c.q)
  local timeout = rules and rules.offer.timeout or 30000
  o.ends = D.now + timeout
  call('SET', P .. 'o:' .. id, cmsgpack.pack(fields))
  -- He is idle no longer; should he miss it, he is again as he was.
  D.set_agent(a, 'idle', D.now)
  call('ZADD', P .. 'offers:' .. a.name, D.text(D.now), id)
  call('ZADD', P .. 'timers:fast', D.text(D.desk_now + timeout), 'o|' .. id)
  D.carry(a, c.k, weight, 1)
  return o.ends, text
end

-- How often its demand was relaxed before this decision, and when it is next.
local function note_step(c, decision)
  if not c.pl then return end
  if not c.step then
    local _, change, step = D.plan(c)
    c.step, c.relaxes = step, change
  end
  decision.step, decision.rel = c.step > 0 and c.step or nil, c.relaxes
end

-- Offers c to a. `decision` says why.
function D.offer(c, a, decision)
  local id = 'o_' .. D.text(D.next_number('offers'))
  decision.rule, decision.cfg = c.ru, D.config
  note_step(c, decision)
  -- It waited before this: since when, and whom each reason ruled out when an agent was looked for last.
  if c.no then decision.since, decision.was = c.qa, D.from_letters(c.no) end
  D.set(c, 'no', nil)
  if c.d ~= '' then decision.demand = c.d end
  local expires, text = write_offer(c, a, id, decision)
  D.set_state(c, 'offered')
  D.set(c, 'own', nil)
  D.set(c, 'of', (c.of and c.of .. ';' or '') .. id .. '=' .. a.name)
  D.next_step(c, 'agent', max(expires, c.of:find(';', 1, true) and c.nx or 0))
  local ids = {'offer', id, 'to', a.name, 'expires_at', expires, 'decision', text}
  if D.caller then
    ids[9], ids[10] = 'via', D.caller
  end
  D.emit('offer.made', c, decision.by, ids)
end

-- He did not take it: his idle time goes on as if it had not been made, or passes to the offer that came after it.
local function idle_as_before(a, o)
  for _, id in ipairs(call('ZRANGE', P .. 'offers:' .. a.name, D.text(o.at), '+inf', 'BYSCORE')) do
    local after = D.find_offer(id)
    if after and after.idle == o.at then
      after.rec.idle = o.idle
      call('SET', P .. 'o:' .. id, cmsgpack.pack(after.rec))
      return
    end
  end
  if a.idle ~= o.at then return end
  -- Unless he worked until then: what he had when it was made may have ended since.
  local idle = D.at_work(a) and o.idle or max(o.idle, a.we or 0)
  D.set_agent(a, 'idle', idle)
  if a.credit then D.set_agent(a, 'credit', a.credit + o.at - idle) end
end

-- Ends a live offer without saying what becomes of the conversation.
function D.close_offer(c, o, outcome)
  local a = D.find_agent(o.a)
  D.seek_more(c, false)
  o.rec.st, o.rec['end'] = outcome, D.now
  call('SET', P .. 'o:' .. o.id, cmsgpack.pack(o.rec), 'PX', '600000')
  call('ZREM', P .. 'offers:' .. o.a, o.id)
  call('ZREM', P .. 'timers:fast', 'o|' .. o.id)
  D.remember_decision(c, o, outcome)
  local left = {}
  for _, live in ipairs(D.live_offers(c)) do
    if live.id ~= o.id then left[#left + 1] = live.id .. '=' .. live.agent end
  end
  D.set(c, 'of', #left > 0 and concat(left, ';') or nil)
  if a and outcome ~= 'accepted' then
    D.carry(a, c.k, -o.w, -1)
    idle_as_before(a, o)
  end
  return a
end

-- Takes back every live offer of c.
function D.take_back_all(c, outcome, cause)
  local count = 0
  for _, live in ipairs(D.live_offers(c)) do
    local o = D.find_offer(live.id)
    if o then
      D.close_offer(c, o, outcome)
      D.emit('offer.withdrawn', c, cause or outcome, {'offer', o.id, 'to', o.a, 'offer_state', outcome})
      D.look_again(o.a)
      count = count + 1
    end
  end
  return count
end

local most_decisions = 8

-- Keeps with the conversation what an offer that ends had been decided by, and how it ended; the last few.
function D.remember_decision(c, o, outcome)
  if not o.dec then return end
  local key = P .. 'dec:' .. c.id
  local count = call('RPUSH', key, format('{"offer":"%s","agent":%s,"at":%d,"end":"%s","decision":%s}',
    o.id, cjson.encode(o.a), o.at, outcome, o.dec))
  if count > most_decisions then call('LTRIM', key, -most_decisions, -1) end
end

-- For the audit: what was decided until now is not known any more.
function D.lose_decisions(c)
  call('RPUSH', P .. 'dec:' .. c.id, format('{"offer":"","agent":"","at":%d,"end":"lost","decision":{"by":"lost"}}',
    D.now))
end

-- The live offer of this agent, or a refusal that says how it ended.
function D.live_offer(id, name)
  local o = D.find_offer(id)
  if not o or o.a ~= name then D.fail('not_found', 'no offer ' .. id .. ' to ' .. name) end
  if o.st ~= 'live' then D.fail('conflict', o.st .. ': offer ' .. id .. ' is over', o.st) end
  return o, D.conversation(o.c)
end

-- `cd`: how often each has missed it in a row, as "ani=2;bob=0"; whoever must not have it yet is among them. Returns
-- how often this one has (nil: he is not), and the others.
local function misses(c, name)
  local times, others = nil, {}
  for who, count in (c.cd or ''):gmatch('([^=;]+)=(%d+)') do
    if who == name then times = tonumber(count) else others[#others + 1] = who .. '=' .. count end
  end
  return times, others
end

local function keep_misses(c, name, times, others)
  if times then others[#others + 1] = name .. '=' .. times end
  D.set(c, 'cd', #others > 0 and concat(others, ';') or nil)
end

-- The pair's cool-down: longer with each miss.
local function cool(c, name, rules)
  local times, others = misses(c, name)
  keep_misses(c, name, (times or 0) + 1, others)
  D.cool_pair(c, name, min(rules.cooldown_max or 600000, rules.cooldown * 2 ^ min(times or 0, 20)))
end

function D.cool_pair(c, name, duration)
  if duration <= 0 then return end
  local times, others = misses(c, name)
  if not times then keep_misses(c, name, 0, others) end
  call('ZADD', P .. 'cool:' .. name, D.now + duration, c.id)
  call('ZADD', P .. 'timers:bulk', D.now + duration, 'c|' .. name .. '|' .. c.id)
end

-- Somebody took it: the rows are broken, but who has just declined it is not asked again before his time.
function D.forget_misses(c)
  if c.cd then D.set(c, 'cd', (c.cd:gsub('=%d+', '=0'))) end
end

-- His time has come; a row of misses is remembered until somebody takes it.
function D.end_cooling(c, name)
  local times, others = misses(c, name)
  if times == 0 then keep_misses(c, name, nil, others) end
end

-- It is done: whoever declined it may have it when it opens again.
function D.end_all_cooling(c)
  for who in (c.cd or ''):gmatch('([^=;]+)=') do call('ZREM', P .. 'cool:' .. who, c.id) end
  D.set(c, 'cd', nil)
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
  -- Who has lost his connection cannot answer: no miss.
  if not a or a.con == '1' or outcome == 'declined' then
    cool(c, o.a, rules)
    if a then missed(a, rules) end
  end
  D.replace_offer(c, outcome)
  if a then D.look_again(a.name) end
end

function D.accept(c, o)
  local a = D.agent(o.a)
  D.close_offer(c, o, 'accepted')
  D.take_back_all(c, 'taken')
  D.emit('offer.accepted', c, nil, {'offer', o.id, 'to', o.a})
  D.own(c, a, o.w)
  D.forget_misses(c)
  D.set_agent(a, 'mi', 0)
  D.emit('conversation.assigned', c, 'accepted', {'offer', o.id})
end
