-- A page of conversations: of a state, a queue, an agent; by age.
-- Keys: meta. Arguments: state, queue, agent, visible_queues, visible_agent, after, limit. Reply: conversations, next.
-- Refused: invalid. Cost: 1 command for each state, queue and kind asked for, 2 a conversation shown.
local states = {'waiting', 'offered', 'active', 'pending', 'snoozed', 'resolved', 'closed'}

-- A cursor is "score.id", fit for a URL as it is; lists are merged by (score, id).
local function after(score, id, cursor)
  return not cursor or score > cursor.score or (score == cursor.score and id > cursor.id)
end

local function read(key, cursor, limit, into)
  local from, offset = cursor and format('%.0f', cursor.score) or '-inf', 0
  repeat
    local flat = call('ZRANGE', key, from, '+inf', 'BYSCORE', 'LIMIT', offset, limit, 'WITHSCORES')
    local taken = 0
    for i = 1, #flat, 2 do
      if after(tonumber(flat[i + 1]), flat[i], cursor) then
        into[#into + 1] = {score = tonumber(flat[i + 1]), id = flat[i]}
        taken = taken + 1
      end
    end
    offset = offset + limit
  until taken > 0 or #flat < 2 * limit
end

local function of_queues(args, queues, cursor, limit, into)
  for _, state in ipairs(args.state and {args.state} or states) do
    for _, queue in ipairs(queues) do
      for _, kind in ipairs(D.kinds()) do
        read(P .. 'in:' .. state .. ':' .. queue .. ':' .. kind, cursor, limit, into)
      end
    end
  end
end

-- His own, by their age: few, so all of them.
local function of_agent(name, cursor, into)
  local ids = call('ZRANGE', P .. 'work:' .. name, 0, -1)
  for _, offer in ipairs(call('ZRANGE', P .. 'offers:' .. name, 0, -1)) do
    local o = D.find_offer(offer)
    if o then ids[#ids + 1] = o.c end
  end
  for _, id in ipairs(ids) do
    local c = id and D.find(id)
    local score = c and D.index_score(c)
    if c and after(score, id, cursor) then into[#into + 1] = {score = score, id = id} end
  end
end

local function as_set(list)
  local members = {}
  for _, name in ipairs(list or {}) do members[name] = true end
  return members
end

local function shown(c, args, visible)
  if args.state and c.st ~= args.state then return false end
  if args.queue and c.q ~= args.queue then return false end
  if args.agent and c.ow ~= args.agent and not (c.of or ''):find('=' .. args.agent, 1, true) then return false end
  if not visible then return true end
  local offered = ((c.of or '') .. ';'):find('=' .. args.visible_agent .. ';', 1, true)
  return visible[c.q] or c.ow == args.visible_agent or offered
end

local function gather(args, cursor, limit)
  local found = {}
  if args.agent then
    of_agent(args.agent, cursor, found)
  else
    local queues = args.queue and {args.queue} or call('HKEYS', P .. 'queues')
    if args.visible_agent and not args.queue then
      queues = args.visible_queues or {}
      of_agent(args.visible_agent, cursor, found)
    end
    of_queues(args, queues, cursor, limit, found)
  end
  table.sort(found, function(x, y)
    if x.score ~= y.score then return x.score < y.score end
    return x.id < y.id
  end)
  return found
end

return function(args)
  local cursor
  if args.after then
    local score, id = args.after:match('^(%d+)%.(%S+)$')
    if not score then D.fail('invalid', 'no such cursor') end
    cursor = {score = tonumber(score), id = id}
  end
  local limit = max(1, min(args.limit or 50, 200))
  local visible = args.visible_agent and as_set(args.visible_queues) or nil
  local list, last, more = {}, nil, false
  for _, x in ipairs(gather(args, cursor, limit + 1)) do
    local c = (not last or x.id ~= last.id) and D.find(x.id)
    if c and shown(c, args, visible) then
      if #list == limit then
        more = true
        break
      end
      list[#list + 1] = D.conversation_json(c)
      last = x
    end
  end
  local next_page = more and format('"next":"%.0f.%s"', last.score, last.id) or ''
  return D.json_object(D.json_list('conversations', list), next_page)
end
