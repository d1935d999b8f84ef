-- Holds: who lacks units only for the most urgent takes nothing less urgent meanwhile.

-- He no longer waits for `c`; what it kept him from is looked at again.
function D.release_hold(a)
  if not a or not a.hold then return end
  call('HDEL', P .. 'holds', a.hold)
  call('ZREM', P .. 'timers:bulk', 'h|' .. a.name)
  D.set_agent(a, 'hold', nil)
  a.unsettled = true
end

function D.hold(a, id)
  if a.hold == id then return end
  D.release_hold(a)
  call('HSET', P .. 'holds', id, a.name)
  call('ZADD', P .. 'timers:bulk', D.now + 15000, 'h|' .. a.name)
  D.set_agent(a, 'hold', id)
  a.unsettled = true
end

-- Out of its lane; who was held for it is looked at again.
function D.leave_lane(c)
  D.lane_remove(c)
  if c.ul then
    call('ZREM', P .. 'unless:' .. c.q, c.id)
    D.set(c, 'ul', nil)
  end
  local holder = call('HGET', P .. 'holds', c.id)
  if holder then
    D.release_hold(D.find_agent(holder))
    call('HDEL', P .. 'holds', c.id)
    D.look_again(holder)
  end
end

function D.set_state(c, state)
  if c.st == state then return end
  if c.st == 'waiting' then D.leave_lane(c) end
  D.set(c, 'st', state)
end
