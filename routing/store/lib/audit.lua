-- The invariants of the store, one check a kind of record. Each finding has a code; `mend` mends it.
local findings, mending

D.on_start(function()
  findings, mending = D.emptied(findings), false
end)

function D.begin_audit(repair)
  mending = repair
  D.distrust_kept()
  return findings
end

-- Notes a finding; `mend` is called when repairing. True when it was mended.
local function find(code, of, detail, mend)
  local one = {code = code, detail = detail, conversation = of.conversation, agent = of.agent}
  if mending and mend then
    mend()
    one.mended = true
  end
  findings[#findings + 1] = one
  return one.mended
end
D.audit_find = find

-- Keys of the desk, as SCAN gives them.
function D.scan(at, count)
  return call('SCAN', at, 'MATCH', P:gsub('[%[%]*?\\]', '\\%0') .. '*', 'COUNT', count)
end

function D.mends()
  return mending
end

local function lane_of(c)
  if c.own then return P .. 'own:' .. c.own end
  return P .. 'lane:' .. D.lane_queue(c) .. ':' .. D.class(c) .. ':' .. (c.d or '')
end

local function show_lane(key)
  local queue, class, text = key:sub(#P + 1):match('^lane:([^:]+):([^:]+:[^:]+:[^:]+):(.*)$')
  if not queue then return end
  D.show_head(queue, class, text)
  if call('EXISTS', P .. 'busy:' .. queue) == 1 then call('SADD', P .. 'busyq', queue) end
end

local function rehouse(c, name)
  if c.st == 'waiting' then D.leave_lane(c) end
  D.seek_more(c, false)
  D.set(c, 'q', name)
  if c.st ~= 'waiting' then return end
  D.set(c, 'st', 'offered')
  D.set(c, 'own', nil)
  D.place(c, 'repaired')
end

-- Into routing again, from whatever it has become.
local function again(c)
  D.seek_more(c, false)
  D.set(c, 'of', nil)
  D.set(c, 'own', nil)
  if c.ow then
    call('ZREM', P .. 'work:' .. c.ow, c.id)
    D.set(c, 'ow', nil)
    D.set(c, 'w', nil)
  end
  if not D.queue(c.q) then return end
  D.set(c, 'st', 'offered')
  D.place(c, 'repaired')
end

local checks = {}

local function check_lane(c, of)
  local key = lane_of(c)
  local score = call('ZSCORE', key, c.id)
  if not score then
    find('limbo.lane', of, 'waits, and is in no lane', function() D.lane_add(c) end)
  elseif tonumber(score) ~= c.ag then
    find('lane.score', of, 'stands in its lane at another age', function()
      D.lane_add(c)
      show_lane(key)
    end)
  end
  if c.own then return end
  if (c.d or '') ~= '' and not call('ZSCORE', P .. 'demands:' .. c.q, c.d) then
    find('demand.lost', of, 'nobody knows its demand ' .. c.d, function()
      D.roster_changed()
      D.know_demand(c.q, c.d)
      call('SREM', P .. 'dry:' .. c.q .. ':' .. c.k, c.d)
      for _, name in ipairs((D.meeting(c.q, c.d))) do D.look_again(name) end
    end)
  end
  if c.pl and D.hopes(c) and not call('ZSCORE', P .. 'unless:' .. c.q, c.id) then
    find('unless.lost', of, 'hopes for who may leave, unnoticed', function() D.watch_unless(c) end)
  end
end

function checks.waiting(c, of)
  check_lane(c, of)
  if c.ow then
    find('owner.stray', of, 'waits, and belongs to ' .. c.ow, function()
      call('ZREM', P .. 'work:' .. c.ow, c.id)
      D.set(c, 'ow', nil)
      D.set(c, 'w', nil)
    end)
  end
  if D.misses_widening(c) then
    find('wider.wrong', of, 'is not indexed by what it asks for in the end', function() D.mend_widening(c) end)
  end
  if c.of then find('offer.stray', of, 'waits, and names offers', function() D.set(c, 'of', nil) end) end
end

local function live(c, offer)
  local o = D.audit_offer_readable(offer.id, offer.agent) and D.find_offer(offer.id)
  return o and o.st == 'live' and o.c == c.id and o.a == offer.agent and D.find_agent(o.a) and
    call('ZSCORE', P .. 'offers:' .. o.a, o.id) and true or false
end

function checks.offered(c, of)
  local offers, kept = D.live_offers(c), {}
  for _, offer in ipairs(offers) do
    if live(c, offer) then
      kept[#kept + 1] = offer.id .. '=' .. offer.agent
      if not call('ZSCORE', P .. 'timers:fast', 'o|' .. offer.id) then
        find('timer.offer', of, 'offer ' .. offer.id .. ' has no deadline', function()
          call('ZADD', P .. 'timers:fast', D.desk_now, 'o|' .. offer.id)
        end)
      end
    else
      find('offer.lost', of, 'offer ' .. offer.id .. ' to ' .. offer.agent .. ' is not there', function()
        call('ZREM', P .. 'offers:' .. offer.agent, offer.id)
        local o = D.find_offer(offer.id)
        if o then
          o.rec.st = 'withdrawn'
          call('SET', P .. 'o:' .. o.id, cmsgpack.pack(o.rec), 'PX', '600000')
        end
      end)
    end
  end
  if #kept == 0 then
    find('limbo.offer', of, 'is offered to nobody', function() again(c) end)
    return
  end
  if mending then
    D.set(c, 'of', concat(kept, ';'))
    if #kept < #offers then D.offer_to_best(c) end
  end
  if c.sh and not call('ZSCORE', lane_of(c), c.id) then
    find('limbo.lane', of, 'is offered to fewer than may have it, and is in no lane', function() D.lane_add(c) end)
  end
end

function checks.owned(c, of)
  local a = c.ow and D.find_agent(c.ow)
  if not a then
    find('limbo.owner', of, 'is ' .. c.st .. ' and belongs to nobody', function() again(c) end)
    return
  end
  if not call('ZSCORE', P .. 'work:' .. c.ow, c.id) then
    find('work.lost', of, 'is not in the list of ' .. c.ow, function()
      call('ZADD', P .. 'work:' .. c.ow, D.now, c.id)
    end)
  end
  if not c.w then
    find('weight.lost', of, 'charges nothing', function()
      D.set(c, 'w', c.st == 'snoozed' and 0 or D.weight(a, c.k))
    end)
  end
end

checks.active, checks.pending, checks.snoozed = checks.owned, checks.owned, checks.owned

local function check_time(c, of)
  local open = checks[c.st]
  if open and not (c.nx and c.na) then
    find('limbo.next', of, 'has no next step', function()
      if c.st == 'waiting' then D.wait_on(c) else D.next_step(c, 'agent', D.now + 60000) end
    end)
  end
  if c.st == 'offered' or c.st == 'closed' then return end
  local at, timer = c.nx, call('ZSCORE', P .. 'timers:bulk', 'x|' .. c.id)
  if c.st == 'resolved' then at = (c.ra or D.now) + D.settings().conversations.reopen_within end
  if not timer then
    find('timer.lost', of, 'has no timer', function() call('ZADD', P .. 'timers:bulk', at or D.now, 'x|' .. c.id) end)
  elseif at and tonumber(timer) ~= at and c.st ~= 'resolved' then
    find('timer.wrong', of, 'its timer is not its next step', function()
      call('ZADD', P .. 'timers:bulk', at, 'x|' .. c.id)
    end)
  end
end

local function check_index(c, of)
  local score = call('ZSCORE', D.index_key(c), c.id)
  if not score then
    find('index.lost', of, 'is not in the index of ' .. c.st, function()
      call('ZADD', D.index_key(c), D.index_score(c), c.id)
    end)
  elseif tonumber(score) ~= D.index_score(c) then
    find('index.score', of, 'stands in the index of ' .. c.st .. ' at another time', function()
      call('ZADD', D.index_key(c), D.index_score(c), c.id)
    end)
  end
end

function D.audit_conversation(id)
  local c, of = D.audit_readable(id) and D.find(id), {conversation = id}
  if not c then return end
  local lost = D.fields_lost(c)
  if #lost > 0 and not find('record.broken', of, 'lacks what every conversation has: ' .. concat(lost, ' '),
    function() D.complete(c) end) then return end
  if checks[c.st] and not D.queue(c.q) then
    local to = D.shelter(c)
    find('queue.lost', of, 'no queue ' .. c.q, to and function() rehouse(c, to) end)
  end
  D.audit_messages(c, of)
  if checks[c.st] then checks[c.st](c, of) end
  -- What was mended is written, so that it is not found once more below.
  if mending then D.flush_conversation(c) end
  check_time(c, of)
  D.audit_outbox(c, of)
  check_index(c, of)
  D.audit_contact(c, of)
  D.audit_external(c, of)
  D.audit_decisions(c, of)
  D.audit_number('references', D.number_of_name(c.ref))
end

-- An entry of a lane or an index that no conversation stands behind. True when it was taken out.
function D.audit_entry(key, id)
  local name = key:sub(#P + 1)
  if name:sub(1, 6) == 'wider:' then
    local class, text, widest, of = id:match('^([^~]*)~([^~]*)~([^~]*)~(.*)$')
    local c = of and D.audit_known(of)
    if c and c.st == 'waiting' and c.wd == widest and c.d == text and D.class(c) == class then return end
    return find('wider.stray', {conversation = of}, 'stands in ' .. name, function() call('ZREM', key, id) end)
  end
  local c = D.audit_known(id)
  local right = c and name:sub(1, 3) == 'in:' and D.index_key(c) == key
  if c and name:sub(1, 3) ~= 'in:' then right = (c.st == 'waiting' or c.sh) and lane_of(c) == key end
  if right then return end
  local code = name:sub(1, 3) == 'in:' and 'index.stray' or 'lane.stray'
  return find(code, {conversation = id}, 'stands in ' .. name, function()
    call('ZREM', key, id)
    show_lane(key)
  end)
end

-- The index of a lane that is not empty: its head in heads, its class in busy, its queue in busyq.
function D.audit_lane(key)
  local queue, class, text = key:sub(#P + 1):match('^lane:([^:]+):([^:]+:[^:]+:[^:]+):(.*)$')
  local top = call('ZRANGE', key, 0, 0, 'WITHSCORES')
  if not queue or not top[2] then return end
  local head = call('ZSCORE', P .. 'heads:' .. queue .. ':' .. class, text)
  local busy = call('ZSCORE', P .. 'busy:' .. queue, class)
  local first = call('ZRANGE', P .. 'heads:' .. queue .. ':' .. class, 0, 0, 'WITHSCORES')
  if head ~= top[2] or busy ~= first[2] or call('SISMEMBER', P .. 'busyq', queue) == 0 then
    find('heads.wrong', {conversation = top[1]}, 'the lane ' .. queue .. ' ' .. class .. ' is not seen', function()
      show_lane(key)
    end)
  end
end
