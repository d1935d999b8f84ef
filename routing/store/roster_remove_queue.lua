-- A queue that is gone: its work moves, `limit` conversations a call, and what still comes for it is led there too.
-- Keys: meta. Arguments: queue, to, limit. Reply: left. Refused: conflict when it has work and no `to`, invalid.
-- Cost: as a transfer for each conversation.

local function move(c, to)
  if c.ow then
    D.set(c, 'q', to.queue)
    if D.queue(to.queue) then D.set(c, 'ps', to.promise_s or c.ps) end
    return
  end
  D.take_back_all(c, 'withdrawn', 'removed')
  if c.st == 'waiting' then D.leave_lane(c) end
  local own = c.own
  D.set(c, 'own', nil)
  D.move(c, to)
  D.set(c, 'st', 'waiting')
  if own and D.find_agent(own) then
    D.place_own(c, D.agent(own), 120000)
  else
    D.place(c, 'removed')
  end
end

-- The open conversations of the queue, at most `limit`, and how many there are.
local function work(queue, limit)
  local ids, count = {}, 0
  for _, state in ipairs(D.open_states) do
    for _, kind in ipairs(D.kinds()) do
      local key = P .. 'in:' .. state .. ':' .. queue .. ':' .. kind
      count = count + call('ZCARD', key)
      local some = #ids < limit and call('ZRANGE', key, 0, limit - #ids - 1) or {}
      for _, id in ipairs(some) do ids[#ids + 1] = id end
    end
  end
  return ids, count
end

-- Which queues borrow from it stays known: their demands do, and should it come back its agents are theirs again.
local function drop(queue, to)
  for _, text in ipairs(call('ZRANGE', P .. 'demands:' .. queue, 0, -1)) do
    call('DEL', P .. 'elig:' .. queue .. ':' .. text)
  end
  for _, kind in ipairs(D.kinds()) do
    call('DEL', P .. 'dry:' .. queue .. ':' .. kind, P .. 'free:' .. queue .. ':' .. kind)
  end
  for _, key in ipairs({'demands:', 'agents:', 'avail:', 'qstate:', 'unless:'}) do call('DEL', P .. key .. queue) end
  call('HDEL', P .. 'queues', queue)
  if to then call('HSET', P .. 'moved', queue, cjson.encode(to)) end
  D.roster_changed()
end

return function(args)
  D.need(args, 'queue')
  local ids, count = work(args.queue, args.limit or 50)
  if count > 0 then
    if not args.to then D.fail('conflict', 'queue ' .. args.queue .. ' has ' .. count .. ' conversations', 'queue') end
    if args.to.queue == args.queue or not D.queue(args.to.queue) then
      D.fail('invalid', 'no queue ' .. args.to.queue)
    end
    for _, id in ipairs(ids) do move(D.conversation(id), args.to) end
  end
  if count > #ids then return {left = count - #ids} end
  D.flush()
  drop(args.queue, args.to)
end, {any_config = true}
