-- Why agents get nothing: a set of them for each reason (`out:`), kept as they change, and from these how many of those
-- whom a demand admits each reason rules out.

-- Why he takes nothing at all; nil when he does.
function D.absence(a)
  if a.con ~= '1' then return 'absent' end
  if a.off == '1' then return 'shift' end
  if a.p ~= 'available' then return a.p end
end

-- Why one who takes work takes none of this kind; `room` as D.has_room says.
function D.no_room(a, kind, room)
  if room then return 'held' end
  return room == nil and D.at_most(a, kind) and 'max' or 'room'
end

local open = {}

-- For each kind whether he takes one now (a list, until the next call), and the reasons why not, apart by commas: that
-- of D.absence, or KIND:REASON.
function D.openings(a)
  local kinds, absence, out = D.kinds(), D.absence(a), ''
  if absence or a.gone == '1' then
    for i = 1, #kinds do open[i] = false end
    return open, a.gone ~= '1' and absence or ''
  end
  for i = 1, #kinds do
    local room = D.has_room(a, kinds[i])
    open[i] = room and not a.hold or false
    if not open[i] then
      out = out .. (out == '' and '' or ',') .. kinds[i] .. ':' .. D.no_room(a, kinds[i], room)
    end
  end
  return open, out
end

-- Puts him into the sets of these reasons, and out of those he was in.
function D.rule_out(a, reasons)
  local was = a.out or ''
  if was == reasons then return end
  for _, reason in ipairs(D.split(was)) do
    if not (',' .. reasons .. ','):find(',' .. reason .. ',', 1, true) then
      call('SREM', P .. 'out:' .. reason, a.name)
    end
  end
  for _, reason in ipairs(D.split(reasons)) do
    if not (',' .. was .. ','):find(',' .. reason .. ',', 1, true) then
      call('SADD', P .. 'out:' .. reason, a.name)
    end
  end
  D.set_agent(a, 'out', reasons ~= '' and reasons or nil)
  D.standing.turns = (D.standing.turns or 0) + 1
end

local absences = {'absent', 'shift', 'away', 'busy', 'break'}
local of_kind = {'room', 'max', 'held'}

-- Agents who serve the queue or one of the rings.
local function serving(queue, rings)
  if #rings == 0 then return call('ZCARD', P .. 'agents:' .. queue) end
  local keys = {P .. 'agents:' .. queue}
  for i, ring in ipairs(rings) do keys[i + 1] = P .. 'agents:' .. ring end
  return #call('ZUNION', #keys, unpack(keys))
end

local function count(queue, kind, text)
  local standing, rings, no = D.standing, D.parse_demand(text).rings, {}
  local all, those = queue .. ' ' .. concat(rings, '+'), D.admitted(queue, text)
  standing.rostered = standing.rostered or call('ZCARD', P .. 'agents')
  standing.serving = standing.serving or {}
  standing.serving[all] = standing.serving[all] or serving(queue, rings)
  no.queue, no.skill = standing.rostered - standing.serving[all], standing.serving[all] - those
  if those > 0 then
    local admitted = P .. (text == '' and 'agents:' .. queue or 'elig:' .. queue .. ':' .. text)
    local left = those
    for _, out in ipairs({kind .. ':room', kind .. ':held', kind .. ':max', unpack(absences)}) do
      local ruled_out = call('ZINTERCARD', '2', admitted, P .. 'out:' .. out)
      no[out:match('%a+$')] = ruled_out
      left = left - ruled_out
      -- One reason an agent: all of them have theirs.
      if left <= 0 then break end
    end
  end
  return no
end

-- How many agents each reason rules out for a demand: exact for the few; for many counted again after a time that
-- grows with their number, so that counting never costs more than a small share of deciding. A list: when, at which
-- turn, and by reason; one small table for each of hundreds, since all are walked over at each collection of garbage.
local function counted(queue, kind, text)
  local standing = D.standing
  standing.tallies = standing.tallies or {}
  local name = queue .. ' ' .. kind .. ' ' .. text
  local known, turns = standing.tallies[name], standing.turns or 0
  local fresh = known and (known[2] == turns or
    D.now >= known[1] and D.now - known[1] < min(60000, (D.admitted(queue, text) - 20) * 20))
  if not fresh then
    known = {D.now, turns}
    for reason, agents in pairs(count(queue, kind, text)) do
      if agents > 0 then known[#known + 1], known[#known + 2] = reason, agents end
    end
    standing.tallies[name] = known
  end
  return known
end

-- Of the last few who missed it: those who would be free for it, were it not for that.
local function count_cooled(c, no)
  local names = D.split((c.cd or ''):gsub('=%d+', ''):gsub(';', ','))
  for i = #names, max(1, #names - 9), -1 do
    local a = D.find_readable_agent(names[i])
    if a and D.cooled(a.name, c.id) and D.taking(a) and not a.hold and D.has_room(a, c.k) and D.admits(a, c.q, c.d) then
      no.cooldown = (no.cooldown or 0) + 1
      -- Whom this call freed still stands where he stood.
      local old = (',' .. (a.out or '')):match(',' .. c.k .. ':(%a+)')
      if old and no[old] then no[old] = no[old] > 1 and no[old] - 1 or nil end
    end
  end
end

-- Says in `why` how many agents the demand admits and how many each reason ruled out, one reason an agent; `age`, in
-- ms, when they were counted before.
function D.tally(c, why)
  local known, no = counted(c.q, c.k, c.d), {}
  for i = 3, #known, 2 do no[known[i]] = known[i + 1] end
  if c.cd then count_cooled(c, no) end
  why.of, why.no = D.admitted(c.q, c.d), D.some(no)
  if known[2] ~= (D.standing.turns or 0) and D.now > known[1] then why.age = D.now - known[1] end
end

-- Out of all of them; settled anew he is in the right ones.
function D.forget_reasons(a)
  for _, reason in ipairs(absences) do call('SREM', P .. 'out:' .. reason, a.name) end
  for _, kind in ipairs(D.kinds()) do
    for _, reason in ipairs(of_kind) do call('SREM', P .. 'out:' .. kind .. ':' .. reason, a.name) end
  end
  D.set_agent(a, 'out', nil)
  a.unsettled = true
end

-- Each reason, and whether he is in its set though he should not be, or the other way about.
function D.misplaced(a, visit)
  local _, out = D.openings(a)
  local function see(reason)
    local should = (',' .. out .. ','):find(',' .. reason .. ',', 1, true) ~= nil
    local is = call('SISMEMBER', P .. 'out:' .. reason, a.name) == 1
    if is ~= should then visit(reason, should) end
  end
  for _, reason in ipairs(absences) do see(reason) end
  for _, kind in ipairs(D.kinds()) do
    for _, reason in ipairs(of_kind) do see(kind .. ':' .. reason) end
  end
end

-- What D.tally says in few letters, for what waits.
local letters = {absent = 'a', away = 'w', ['break'] = 'k', busy = 'b', cooldown = 'c', held = 'd', max = 'm',
  queue = 'q', room = 'r', shift = 'h', skill = 's'}
local in_order = {'queue', 'skill', 'absent', 'shift', 'away', 'busy', 'break', 'room', 'max', 'held', 'cooldown'}

local reason_of = {}
for i = 1, #in_order do reason_of[letters[in_order[i]]] = in_order[i] end

function D.few_letters(no)
  local text = ''
  for _, reason in ipairs(in_order) do
    if no and no[reason] then text = text .. letters[reason] .. no[reason] end
  end
  return text ~= '' and text or nil
end

function D.from_letters(text)
  local no = {}
  for letter, agents in (text or ''):gmatch('(%a)(%d+)') do no[reason_of[letter]] = tonumber(agents) end
  return D.some(no)
end
