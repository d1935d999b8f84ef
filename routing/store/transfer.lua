-- The owner hands a conversation to a queue or to another agent, and follows it from now on.
-- Keys: meta. Arguments: conversation, agent, actor, and class (queue) or to (agent), timeout; with a note, ARGV[5]:
-- message, name. Reply: conversation, state, overflow.
-- Refused: not_found, conflict, invalid. Cost: about 40 commands.

local function check(args)
  D.need(args, 'conversation', 'agent')
  if args.to then
    local a = D.agent(args.to)
    if a.gone == '1' then D.fail('not_found', 'no agent ' .. args.to) end
    if args.to == args.agent then D.fail('invalid', 'it is ' .. args.to .. "'s already") end
  else
    D.need(args, 'class')
    D.need(args.class, 'queue')
    D.follow_queue(args.class)
  end
end

local function follow(c, name)
  local long = D.touch_long(c)
  long.followers = long.followers or {}
  for _, known in ipairs(long.followers) do
    if known == name then return end
  end
  table.insert(long.followers, name)
  D.set(c, 'fo', '1')
end

local function cool_transferor(c, name)
  local rules = D.queue(c.q)
  D.forget_misses(c)
  D.cool_pair(c, name, rules and rules.offer.cooldown_max or 600000)
end

return function(args)
  check(args)
  D.set_actor(args.actor)
  local c = D.conversation(args.conversation)
  D.owned_by(c, args.agent)
  if ARGV[5] and args.message then D.append_note(c, args) end
  follow(c, args.agent)
  D.let_go(c)
  D.set(c, 'la', nil)
  local class = args.class
  if class then
    D.set(c, 'q', class.queue)
    D.set(c, 'ps', class.promise_s or c.ps)
    D.set(c, 'ru', class.rule or c.ru)
    D.demand_of(c, D.touch_long(c), class)
  end
  D.set(c, 'ov', nil)
  cool_transferor(c, args.agent)
  local to = class and {'from', args.agent, 'to_queue', class.queue} or {'from', args.agent, 'to_agent', args.to}
  D.emit('conversation.transferred', c, nil, to)
  if args.to then
    D.place_own(c, D.agent(args.to), args.timeout or 120000)
  else
    D.overflow(c)
    D.place(c, 'transfer')
  end
  return {conversation = c.id, state = c.st, overflow = D.some(D.answers)}
end
