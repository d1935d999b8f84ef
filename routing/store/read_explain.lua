-- Why a conversation is where it is: the last decisions, and while it is open each agent with his own reason.
-- Keys: meta. Arguments: conversation. At most 1000 agents are named. Reply: docs/store.md. Refused: not_found.
-- Cost: 3 commands an agent named.

-- What some kinds weigh keeps nothing of this one from him: that alone would be read as too much.
local function carried(a, kind)
  local all, counted = D.load(a), 0
  for _, field in ipairs(D.settings().kinds[kind].blocked_by) do counted = counted + D.number(a, field) end
  if counted == all then return format('carries %g of %g', all / 100, a.cap / 100) end
  return format('carries %g of %g, and %g that this kind may interrupt', counted / 100, a.cap / 100,
    (all - counted) / 100)
end

local function units_reason(a, c)
  local room, weight = D.has_room(a, c.k), D.weight(a, c.k)
  if room and not a.hold then return 'free' end
  local why = D.no_room(a, c.k, room)
  if why == 'held' then return why, a.hold end
  if why == 'max' then return why, format('has %d', D.number(a, 'n.' .. c.k)) end
  if weight > a.cap then return why, format('it weighs %g of his %g', weight / 100, a.cap / 100) end
  local detail = carried(a, c.k)
  if call('EXISTS', P .. 'wrap:' .. a.name) == 1 then return 'wrap_up', detail end
  return 'room', detail
end

local function lacking(a, c)
  for _, need in ipairs(D.parse_demand(c.d or '').skills) do
    local has = D.skills(a)[need[1]] or 0
    if has < need[2] then return format('%s %d of %d', need[1], has, need[2]) end
  end
end

local function reason(a, c, admitted)
  if c.ow == a.name or D.has_offer(c, a.name) then return 'has it' end
  if c.own and c.own ~= a.name then return 'kept' end
  if not admitted then
    local lack = lacking(a, c)
    return lack and 'skill' or 'queue', lack
  end
  local absence = D.absence(a)
  if absence then return absence, absence == a.p and a.r or nil end
  local till = call('ZSCORE', P .. 'cool:' .. a.name, c.id)
  if till and tonumber(till) > D.now then
    return 'cooldown', format('for %d s more', math.ceil((tonumber(till) - D.now) / 1000))
  end
  return units_reason(a, c)
end

-- Those of other queues: there is no more to say of each.
local function strangers(list, counts, known, limit)
  for _, name in ipairs(call('ZRANGE', P .. 'agents', 0, -1)) do
    if not known[name] then
      counts.queue = (counts.queue or 0) + 1
      if #list < limit then list[#list + 1] = {agent = name, reason = 'queue'} end
    end
  end
end

-- The admitted first, then the rest of those who serve the queue, then all others.
local function candidates(c, limit)
  local admitted, inside = D.meeting(c.q, c.d or '')
  local _, serving = D.meeting(c.q, (c.d or ''):match('%+.*$') or '')
  -- Whoever was handed it may take it, be he of another queue.
  if c.own and not inside[c.own] then
    inside[c.own] = true
    admitted[#admitted + 1] = c.own
  end
  local others = {}
  for name in pairs(serving) do
    if not inside[name] then others[#others + 1] = name end
  end
  table.sort(admitted)
  table.sort(others)
  local list, counts = {}, {}
  for _, names in ipairs({admitted, others}) do
    for _, name in ipairs(names) do
      local a = #list < limit and D.find_agent(name)
      if a then
        local why, detail = reason(a, c, inside[name])
        counts[why] = (counts[why] or 0) + 1
        list[#list + 1] = {agent = name, ok = why == 'free' or nil, reason = why, detail = detail}
      else
        local why = inside[name] and 'not looked at' or 'skill'
        counts[why] = (counts[why] or 0) + 1
      end
    end
  end
  for name in pairs(inside) do serving[name] = true end
  strangers(list, counts, serving, limit)
  return list, counts
end

local function waiting(c)
  if c.st ~= 'waiting' then return nil end
  local _, change, step = D.plan(c)
  local relaxes_to = change and D.plan(c, change)
  D.unchanged(c)  -- what the plan would drop now is for time to write
  local at, rule
  if not c.own then at, rule = D.overflow_at(c) end
  if rule and c.rx + rule.after <= D.now then at = c.nx end
  return {overflows_at = at, overflows_to = rule and rule.to and rule.to.queue,
    overflows_if = rule and (rule.waiting or rule.wait or rule.closed or rule.nobody) and true or nil,
    lane = c.own and 'own:' .. c.own or D.class(c) .. ':' .. c.d, age_ms = D.now - c.ag,
    urgency = D.urgency({priority = c.pr, promise_s = c.ps}, c.ag), position = D.position(c), relaxes_at = change,
    relaxes_to = relaxes_to or nil, step = step, why = c.why, kept_for = c.own, kept_until = c.own and c.nx}
end

-- The rules of overflow that were applied to it, in their order; of what is configured no more, only where it stood.
local function overflowed(c)
  local list = {}
  for queue, number in (c.ov or ''):gmatch(';([^;#]+)#(%d+);') do
    local q = D.queue(queue)
    local rule = q and q.overflow and q.overflow[tonumber(number)] or {}
    list[#list + 1] = {queue = queue, rule = tonumber(number), to = rule.to and rule.to.queue,
      answers = rule.answer and true or nil}
  end
  return D.some(list)
end

-- The references of the conversations that these decisions of the item rule weighed.
local function references(decisions)
  local known = {}
  for _, text in ipairs(decisions) do
    for _, terms in ipairs(cjson.decode(text).decision.item or {}) do
      local c = D.find(terms[1])
      known[terms[1]] = c and c.ref
    end
  end
  return D.some(known)
end

local function decisions(c)
  local list = call('LRANGE', P .. 'dec:' .. c.id, 0, -1)
  for _, live in ipairs(D.live_offers(c)) do
    local o = D.find_offer(live.id)
    if o and o.dec then
      list[#list + 1] = format('{"offer":%s,"agent":%s,"at":%d,"decision":%s}', cjson.encode(o.id),
        cjson.encode(o.a), o.at, o.dec)
    end
  end
  return list
end

local function decided(c)
  local list, ruled_out = decisions(c), D.from_letters(c.no)
  local known = references(list)
  return D.json_list('decisions', list), D.json_member('references', known and cjson.encode(known)),
    D.json_member('ruled_out', ruled_out and cjson.encode(ruled_out))
end

local function roster(c)
  if c.st == 'resolved' or c.st == 'closed' then return '', '' end
  local list, counts = candidates(c, 1000)
  return #list > 0 and '"candidates":' .. cjson.encode(list) or '',
    next(counts) and '"counts":' .. cjson.encode(counts) or ''
end

return function(args)
  local c = D.conversation(args.conversation)
  local waits = waiting(c)
  local decisions_json, references_json, ruled_out = decided(c)
  local candidates_json, counts = roster(c)
  local moves = overflowed(c)
  local dead = c.st == 'waiting' and not c.own and not D.somebody_meets(c.q, D.widest(c), c.k) and
    not D.rescued(c.q, D.widest(c), c.k)
  return D.json_object(D.json_member('conversation', D.conversation_json(c)),
    D.json_member('rule', c.ru and cjson.encode(c.ru)), D.json_member('demand', c.d and cjson.encode(c.d)),
    decisions_json, references_json, ruled_out, D.json_member('waiting', waits and cjson.encode(waits)),
    D.json_member('overflowed', moves and cjson.encode(moves)), candidates_json, counts,
    dead and '"unroutable":true' or '')
end
