-- Conversations that matching comes upon in a lane and cannot offer: their record is gone, cannot be read or is not
-- whole. They leave their lane, so that whoever stands behind them is served; the audit finds and mends them.
local most = 20  -- of one call
local keep_for = 2592000000  -- what stood in a record's place, for whoever wants to look at it
local count

D.on_start(function()
  count = 0
end)

-- What is no record makes room for one, and is kept: beside what of that name is kept already.
function D.clear_place(name)
  if call('EXISTS', P .. name) == 0 then return end
  local kept, number = P .. 'lost:' .. name, 1
  while call('RENAMENX', P .. name, kept) == 0 do
    number = number + 1
    kept = P .. 'lost:' .. name .. '#' .. number
  end
  call('PEXPIRE', kept, D.text(keep_for))
end

-- Out of the lane that it was found in: its record does not say which others it is in, and searching all that there are
-- would cost what the desk is large. True when it stood there.
local function set_aside(a, best)
  local x, id = best.class, best.id
  local stood
  if best.own then
    stood = call('ZREM', P .. 'own:' .. a.name, id)
  else
    stood = call('ZREM', best.key, id)
    D.lane_changed(best.key, {id = id})
    D.show_head(x.queue, x.class, best.key:sub(#x.lane + 1))
  end
  call('SADD', P .. 'suspect', id)
  D.free_holder(id)
  return stood == 1
end

-- nil when there is none, or none that can be read.
function D.find_readable(id)
  local read, c = pcall(D.find, id)
  if read then return c end
  call('SADD', P .. 'suspect', id)
end

function D.find_readable_agent(name)
  local read, a = pcall(D.find_agent, name)
  if read then return a end
  call('SADD', P .. 'suspect', 'agent:' .. name)
end

-- Whether matching can tell what it is and how urgent.
local function is_whole(c)
  return c and c.q and c.k and c.cr and c.ps and c.pr
end

-- What was handed to the agent; nil when it cannot be offered: then it leaves his own lane, and what stands behind it
-- there is looked at in another call.
function D.handed(a, id)
  local c = D.find_readable(id)
  if is_whole(c) then return c end
  call('ZREM', P .. 'own:' .. a.name, id)
  call('SADD', P .. 'suspect', id)
  D.free_holder(id)
  call('ZADD', P .. 'sweep', D.now, a.name)
end

-- What stands in a lane, when it can be offered.
function D.offerable(id)
  local read, c = pcall(D.find, id)
  return read and is_whole(c) and (c.st == 'waiting' or c.sh) and c or nil
end

-- What the agent is to be offered out of a lane. When it cannot be: nil, and whether it is set aside and what is behind
-- it may be looked at in this call.
function D.to_offer(a, best)
  local c = D.offerable(best.id)
  if c then return c end
  count = count + 1
  if set_aside(a, best) and count < most then return nil, true end
  call('ZADD', P .. 'sweep', D.now, a.name)
end
