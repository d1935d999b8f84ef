-- Calls in the order of their times, each as if it had come alone, and the timers that come due between them at theirs.
-- `accept_after`: offers that are made are accepted so much later, and `handling` after that resolved. Only for a desk
-- whose time is its caller's own. Keys: meta. Arguments, reply: docs/store.md, `batch`; five texts a call from ARGV[5].
-- Refused: conflict, invalid. Cost: that of the calls, and 3 commands each.
local FIELDS = 5  -- of a call: now, script, arguments, body, conversation
local args, ahead, answered, known, loads, errors, ran

-- Checks the whole of it before anything runs; the number of calls.
local function check(argv)
  if not D.settings().own_time then
    D.fail('conflict', 'the desk lives by the clock: batches are for a time of the caller\'s own', 'time')
  end
  local last, till, count = tonumber(argv[1]), tonumber(args['until']), (#argv - 4) / FIELDS
  if not last or not till then D.fail('invalid', 'a batch needs the times at which it begins and ends') end
  if count ~= floor(count) then D.fail('invalid', 'a call is ' .. FIELDS .. ' texts') end
  for i = 5, #argv, FIELDS do
    local at = tonumber(argv[i])
    if not at or at < last or at > till then D.fail('invalid', 'the calls are not in the order of their times') end
    if not D.scripts[argv[i + 1]] or argv[i + 1] == 'batch' then D.fail('invalid', 'no script ' .. argv[i + 1]) end
    last = at
  end
  return count
end

-- Steps ahead, the next one last; of one time in the order in which they were decided.
local function plan(step)
  local i = #ahead
  while i > 0 and ahead[i].at <= step.at do i = i - 1 end
  table.insert(ahead, i + 1, step)
end

local function accept_later(offer)
  local who = cjson.encode(offer.agent)
  plan({at = D.now + args.accept_after, script = 'accept', conversation = offer.conversation, agent = offer.agent,
    arguments = format('{"agent":%s,"actor":{"kind":"agent","name":%s},"offer":"%s"}', who, who, offer.offer)})
end

-- What an agent has accepted he resolves, when it is known how long it takes him.
local function resolve_later(step)
  local takes = args.handling and args.handling[step.conversation]
  if not takes then return end
  local who = cjson.encode(D.conversations[step.conversation].ow)
  plan({at = D.now + takes, script = 'resolve', conversation = step.conversation, arguments =
    format('{"conversation":"%s","agent":%s,"actor":{"kind":"agent","name":%s}}', step.conversation, who, who)})
end

local function note_loads()
  for name, a in pairs(D.agents) do
    local load = D.load(a)
    if known[name] ~= load then
      known[name] = load
      local n = #loads
      loads[n + 1], loads[n + 2], loads[n + 3] = D.now, name, load
    end
  end
end

-- Who has lost his connection since accepts nothing.
local function cannot(step)
  if step.script == 'end' then return answered[step.conversation] end
  local a = step.agent and D.find_agent(step.agent)
  return a and a.con ~= '1'
end

local function carry_out(step)
  if cannot(step) then return end
  D.run_within(step.script, {format('%d', step.at), '', '', step.arguments, step.body}, function(reply)
    ran = ran + 1
    if reply:sub(1, 5) ~= '{"ok"' or step.script == 'timers' and reply:find('"issues"', 1, true) then
      errors[#errors + 1] = {call = step.number, script = step.script, reply = cjson.decode(reply)}
      return
    end
    note_loads()
    if not args.accept_after then return end
    for _, offer in ipairs(D.made) do accept_later(offer) end
    if step.script == 'accept' then
      answered[step.conversation] = true
      resolve_later(step)
    end
  end)
end

local function given(argv, number)
  local i = 5 + (number - 1) * FIELDS
  if not argv[i] then return nil end
  return {number = number, at = tonumber(argv[i]), script = argv[i + 1], arguments = argv[i + 2],
    body = argv[i + 3] ~= '' and argv[i + 3] or nil, conversation = argv[i + 4]}
end

-- The next of what is given, what follows from it, and time's own, in this order when they fall together.
local function choose(next_call, now)
  local step, timer = ahead[#ahead], D.next_due()
  if next_call and (not step or next_call.at <= step.at) then step = next_call end
  if timer and timer < now then timer = now end
  if timer and not (step and step.at <= timer) then step = {at = timer, script = 'timers', arguments = '{}'} end
  if step and (step == next_call or step.at < args['until']) then return step end
end

return function(arguments)
  local argv = ARGV
  args, ahead, answered, known, loads, errors, ran = arguments, {}, {}, {}, {}, {}, 0
  check(argv)
  local limit, now, done = min(args.limit or 200, 1000), tonumber(argv[1]), 0
  local next_call = given(argv, 1)
  while ran < limit do
    local step = choose(next_call, now)
    if not step then
      now = args['until']
      break
    end
    if step == next_call then
      done = done + 1
      next_call = given(argv, done + 1)
    elseif step == ahead[#ahead] then
      ahead[#ahead] = nil
    end
    now = step.at
    carry_out(step)
  end
  return {done = done, ran = ran, at = now, loads = D.some(loads), errors = D.some(errors)}
end
