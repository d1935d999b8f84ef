-- What became of an attempt: sent and failed end it, retry puts it off. Repeating is harmless. An agent's message that
-- failed leaves its customer without an answer.
-- Keys: meta. Arguments: id, attempt, result, external_id, detail, at. Reply: state. Refused: invalid.
-- Cost: about 10 commands; of one that failed, as a customer's message.

local states = {sent = 'sent', failed = 'failed', retry = 'queued'}

local function finish(c, id)
  local queue = P .. 'obq:' .. c.id
  call('LREM', queue, 1, id)
  call('ZREM', P .. 'outbox', id)
  call('ZREM', P .. 'sending', id)
  call('DEL', P .. 'ob:' .. id)
  local following = call('LINDEX', queue, 0)
  if following then call('ZADD', P .. 'outbox', 'NX', D.now, following) end
end

-- Returns whether it is an agent's.
local function write_message(c, seq, args)
  local head, body = D.read_message(c, D.message(c, seq), seq)
  head.state, head.detail = states[args.result], args.detail
  if args.external_id and args.external_id ~= '' then head.external_id = args.external_id end
  D.rewrite_message(c, seq, head, body)
  return head.direction == 'out'
end

return function(args)
  D.need(args, 'id', 'attempt', 'result')
  if not states[args.result] then D.fail('invalid', 'no result ' .. tostring(args.result)) end
  local known = call('HMGET', P .. 'ob:' .. args.id, 'to', 'try')
  if not known[1] then return {state = 'done'} end
  -- Who lost his lease may still say that it left; anything else is for the one who has it now.
  if args.result ~= 'sent' and tonumber(known[2]) ~= args.attempt then return {state = 'lost'} end
  local conversation, seq = known[1]:match('^(%S+) (%d+)$')
  local c = D.conversation(conversation)
  local from_agent = write_message(c, tonumber(seq), args)
  local ids = {'message', args.id, 'message_seq', seq, 'message_state', states[args.result]}
  local to = c.ow or c.la
  if to then
    ids[7], ids[8] = 'to', to
  end
  D.emit('message.delivery', c, args.result, ids)
  if args.result ~= 'retry' then D.keep_reference(c, args.external_id) end
  if from_agent and args.result == 'failed' then D.undelivered(c) end
  -- The entry goes last: as long as it is there, what breaks off is made up for when the result is told again.
  D.flush()
  if args.result == 'retry' then
    call('ZREM', P .. 'sending', args.id)
    call('ZADD', P .. 'outbox', args.at or D.now + 60000, args.id)
  else
    finish(c, args.id)
  end
  return {state = states[args.result]}
end
