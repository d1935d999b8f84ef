-- Done: the owner is free (after his wrap-up), followers are named for those who tell them.
-- Keys: meta. Arguments: conversation, agent (absent: of a conversation nobody owns), actor, outcome, cause, seen; with
-- a note, ARGV[5]: message, name. Reply: conversation, followers, text (the key of what its customer is owed then).
-- Refused: not_found, conflict. Cost: some 25 commands.

-- By a caller who was never told that it is done: nothing came since, or it would be open.
local function said_before(c, args)
  if c.st == 'resolved' and (args.outcome or c.out) == c.out then return true end
  if c.st == 'resolved' or c.st == 'closed' then
    D.fail('conflict', 'conversation ' .. c.id .. ' is ' .. c.st .. ' already', 'state')
  end
end

return function(args)
  D.need(args, 'conversation')
  D.set_actor(args.actor)
  local c = D.conversation(args.conversation)
  if said_before(c, args) then return {conversation = c.id} end
  if args.agent or c.ow then D.owned_by(c, args.agent) end
  D.has_seen(c, args.seen)
  if ARGV[5] and args.message then D.append_note(c, args) end
  D.resolve(c, args.outcome or 'solved', D.wrap_up(c))
  local followers = D.followers(c)
  D.emit('conversation.resolved', c, args.cause or 'agent', {'followers', concat(followers, ' ')})
  if #followers == 0 then return {conversation = c.id} end
  local text = 'resolved:' .. D.text(D.now)
  D.owe(c, text)
  return {conversation = c.id, followers = followers, text = text}
end
