"""Questions about the studio itself, and what the offline director answers; all of it true without a look."""

import re

from agent.words import NUMBERS
from tools.shots import SECONDS_MAX, SHOTS_MAX

SAID_CHARACTERS_MAX = 160
ASKS = r"(?:^|\b)(?:what|why|how|who|which|where|when|is|are|do|does|did|can|could|will|would|should|am|was|need|tell me|explain)\b"
SHOT = rf"(?:the\s+)?(?:shots?|scenes?|clips?)\s*(?:number|#)?\s*(?:{NUMBERS})?\b"
ADDS = r"(?:(?:please|can you|could you|i want|i'd like|is there|are there|how do i|can i)\s+)*(?:add|use|put|have|with|get|want|make|record|create)?\s*(?:some|an?|the|any)?\s*(?:background\s+)?"
SOUNDS = r"(?:music|voices?|voice ?over|narration|narrator|cross ?fades?|wipes?|transitions?|sound effects?|soundtrack)\b[^.\n]{0,30}"
DISLIKES = (
    r"i (?:don'?t|do not) (?:like|love) (?:it|this|that)|i hate (?:it|this)"
    r"|(?:it|this|that)(?:'s| is) (?:not (?:good|right|it|what i want(?:ed)?)|bad|boring|wrong|ugly|awful|terrible)"
    r"|(?:it|this|that|shot \d+)(?:'s| is) (?:a bit |way |much )?too (?!long|short|expensive|dear|costly)\w+"
)
FREE = (
    "Planning, editing and previews are free, and I am rules, so thinking costs nothing. Out of the box `rehearsal` renders for play "
    "money, without a key or an account. Real vendors need their key, and every film an approval of its exact price."
)
PLAY = (
    "`rehearsal` is a pretended vendor: its prices are play money on a budget of its own, and its films are drawn here. "
    "With it the whole way, from offer to receipt, can be tried before the first dollar."
)
APPROVE = (
    'Say "render it", and a card shows the exact offer: every shot, the most it can cost, and when it expires. Only the button on that '
    "card approves it (in the terminal its question does). Nothing that is typed in the chat can, and I cannot either."
)
KEEP = (
    'A film that was rendered has a Download button under it on the page. I cannot write files from here: `greenlight plan "..." -o '
    'film.json` keeps a plan in one, `greenlight edit film.json "make it noir" -o film.json` changes it, and "load film.json" opens it here.'
)
ONE_SHOT = (
    "What you own already with the same settings is never paid for twice, so to have a shot rendered anew, change it first "
    '("make shot 2 funnier") and say "render shot 2": only that one costs, and the others stay as they are. For better quality name the '
    'size or the model: "upgrade shot 2 to 1080p", "upgrade shot 2 with rehearsal premium".'
)
SOME = (
    'Say which shots, and with whom: "render shot 2", "render shots 1 to 3 with rehearsal premium", "upgrade all but shot 2 to 1080p", "render the '
    'rest", or "render the film" for all of it. One offer is with one model, and a limit ("under $1") is for the whole film.'
)
BEFORE = '"undo" brings back the plan before.'
REUSE = (
    'A shot that was paid for once, with the same settings, stands in the next offer at $0. "Show me my clips" lists what you own; '
    "receipts say what was reused."
)
RECEIPT = (
    "Each film that was rendered has its receipt under its offer on the page; `greenlight quotes show ID` prints it, and `greenlight "
    'ledger verify` adds the books up again. "How much have I spent" says what this month came to.'
)
SOUND = (
    "I have no words for music, voices or transitions: shots are joined one after another. Where a vendor sells clips "
    'with sound, "what would it cost with sound" compares those.'
)
CAPTIONS = (
    'Every shot has its caption: "change the caption of shot 1 to Hello", "remove the captions". Previews and `rehearsal` draw them; '
    "a vendor's clips have none."
)
CARD = (
    'Say its words and its place: "add a title card at the beginning: Hello world", "make shot 2 a title card saying The end", '
    '"end with the words Good night".'
)
TITLE = 'Say the new one: "call it The long night".'
RAISE = "Only a person changes a budget, and not in the chat: `greenlight budget limit month USD` in the terminal does."
MODEL = (
    "I am the offline director: rules, not a language model. `GREENLIGHT_MODEL` sets one up (the README lists them), with a budget of "
    "its own; everything else stays as it is."
)
PRIVATE = (
    "A repository is read on this machine, and I send it to nobody. A vendor gets the prompts of an offer that you approved, and the "
    "reference pictures in it; what looks like a secret is taken out of what is read."
)
LIMITS = f"A film has 1 to {SHOTS_MAX} shots of 1 to {SECONDS_MAX} seconds each; what a vendor's model sells is said in its estimate."
HOW = (
    'Tell me a story in a sentence, or say "make a 30 second silent film about this repository" (or name a folder, an archive or a git '
    'address). You see the shots with a free preview and prices; change what you like, then say "render it".'
)
EDITING = (
    'Say it as you would to a person: "change shot 2 to a clock without hands", "remove shot 3", "swap 1 and 2", "move shot 4 to 1", '
    '"split shot 2", "add a shot after 3: the lamp goes out", "lock shot 1", "make it shorter", "undo".'
)
OVER = 'Tell me the new film: its plan takes the place of this one, and "undo" brings this one back.'
THANKS = 'You are welcome. "help" lists what can be said.'
NO = 'Then nothing is rendered, and nothing was spent. Say what should be otherwise, or "help" for what can be said.'
WHICH = 'Say what should be otherwise: "make it shorter", "make it noir", "more tension in shot 2", "another ending", "change shot 1 to ...", or "undo".'
ONE_LOOK = (
    'A look is for the whole film: "make it noir". A single shot can be seen at another hour ("make shot 2 at night"), with another feeling '
    '("more mystery in shot 2"), or show something else ("change shot 2 to ...").'
)
ORDER = (
    'Say where a shot goes: "put shot 3 first", "swap 1 and 2", "move shot 1 after 3", "reverse the order".'
)
PLACE = 'Say what is seen there: "change shot 2 to the keeper in a forest", or "replace the lighthouse with a windmill" for every shot.'
LETTERS = (
    'A title card can say it: "add a title card at the end: example.com". There are no credits, fades or logos of their own; "use this picture for '
    'shot 2" shows a model how something looks.'
)
SPEAKS = (
    'Nobody speaks in these films, but words can be read: "change the caption of shot 1 to Hello", "make shot 2 a title card saying Hello". '
    'Where a vendor sells clips with sound, "what would it cost with sound" compares those.'
)
VERSIONS = (
    'Every change is a version of the plan, and the answer to it says what it changed: "undo" goes one back, "back to version 2" or "go back to '
    'the first version" to that one.'
)
FOCUS = (
    'Name it with a new brief: "make a film about this repository and its cache". Or say how something shall be shown: "show retries as a dog that '
    'keeps bringing the stick back"; "what metaphors are there?" lists those I know.'
)
TASTE = 'I am rules and have no taste; look at the shots and say what you miss: "more tension in shot 2", "another ending", "make it a comedy", "make it shorter".'
TEXT = 'As a caption or as a card: "change the caption of shot 1 to Hello", "make shot 1 a title card saying Hello", "end with the words Hello".'
ONLY_FILMS = 'I make films. Their pictures alone cost less than clips: "what would it cost as stills?"'
PLATFORM = 'Reels and stories are vertical, posts are square: say "make it vertical" or "make it square".'
CLOSER = 'Say which: "shot 2 as a close-up", "start with a wide shot", "end on a close-up".'
PACE = 'Say how: "make all shots 3 seconds" or "make it shorter" cuts faster, "make it a montage" plans it anew with quick cuts, "5 shots" in more or fewer.'
ONE = 'Say what should be otherwise in it: "more tension in shot 2", "change shot 2 to a clock without hands", "make shot 2 at night", "remove shot 2".'
ANOTHER = (
    'The same words make the same plan here, so say what should be otherwise: "make it a comedy", "as a dialogue", "another ending", "5 shots", '
    '"make it noir". Or tell me another film; "undo" brings this one back.'
)
SAVED = (
    "The plan is kept with this conversation in the studio's database, in the data folder (`GREENLIGHT_DATA_DIR`), every version of it: reload the "
    'page and it is there, "undo" goes back. `greenlight plan "..." -o film.json` makes a file of one.'
)
WISH = 'Say it as a wish and I do what I can: "make it at night", "make the keeper a woman", "replace the fox with an owl", "change shot 2 to ...". "Undo" takes it back.'
LIGHT = 'Say what should be otherwise: "make it brighter", "make it darker", "make it at noon", "make shot 2 at night".'
LOOK = 'Name one: "make it noir", "make it hopeful", "in the style of a woodcut". "What styles are there?" lists those I know; any other word goes into the prompts as it is.'
MANY = 'Say how many: "5 shots" plans the film anew in five, "split shot 2" makes two of one.'
REPLACE = (
    'Name what is seen: "replace the fox with an owl" does it in every shot, "replace the fox with an owl in shot 2" in one, and '
    '"change shot 2 to a cat on the roof" makes another picture. A look is "make it noir".'
)

TOKENS = 'Say it with the brief: "a fox learns to sail, low token budget". With a plan there, "use a low token budget" shortens its prompts.'
ONE_JOB = 'I cancel all that is under way ("cancel"), or one job by its id ("cancel job_..."). Every job has a Cancel of its own on the page.'

NEXT = (
    'Look at the shots and the free preview; change what you like ("change shot 2 to ...", "make it noir", "make it shorter"); compare '
    'prices ("what would it cost"); then say "render it" for an offer, which only you can approve.'
)
FAILS = (
    "A shot that fails is not sent again by itself, and what it had set aside is given back where the vendor did not charge for it. "
    '"What is happening" says which shot and why; an unclear one waits for a person. A new offer renders only what you do not own yet.'
)
EXAMPLES = (
    'Try "A lighthouse keeper gets one wrong letter every night, film noir, 30 seconds", "two foxes argue about a map, as a dialogue, '
    'vertical", or "make a 20 second trailer about this repository". `examples/` in the project has ten briefs with their plans.'
)
BYE = "The plan stays in this conversation, and nothing is rendered that nobody approved."

ADDING = 'Say what is seen, and where: "add a dog to shot 2", "add a dog to every shot", or as a shot of its own, "add a shot after 2: a dog barks at the moon".'
TAKING = (
    'I cannot take one thing out of a picture: say what is seen instead, "replace the dog with a cat" or "change shot 2 to an empty street". '
    '"No faces" keeps something out that no shot speaks of.'
)
TIMES = (
    "A preview takes seconds. How long a render takes is up to its vendor: the jobs of an approved offer show how far they are, "
    '"what is happening" says it here, and the film appears in the chat when it is done.'
)
OF_A_PLAN = frozenset({OVER, WHICH, MANY, REPLACE, NEXT, ADDING, TAKING, ANOTHER, CAPTIONS})
# Without a plan these words are a story, or the beginning of one.
ONLY_OF_A_PLAN = frozenset(
    {
        CARD,
        TITLE,
        LIGHT,
        LOOK,
        CLOSER,
        PACE,
        ONE,
        ORDER,
        PLACE,
        LETTERS,
        SPEAKS,
        VERSIONS,
        PLATFORM,
        FOCUS,
        TASTE,
        TEXT,
    }
)

QUESTIONS: tuple[tuple[str, str], ...] = (
    (r"(?:is it|is this|was it) (?:any )?good|what do you (?:think|suggest|recommend)(?: of (?:it|this))?|(?:suggest|recommend) something|what would you (?:change|do|improve)|(?:any|some|your) (?:suggestions?|feedback|advice|tips)|(?:improve|fix|rewrite|change) the (?:story|plan|plot|film)|make the (?:story|plot|plan) better|tell the story .{3,60}", TASTE),
    (r"redo|undo (?:twice|again and again|undo|(?:\w+ )?(?:times|steps|changes)|(?:the )?(?:\w+ ){0,2}(?:rain|snow|night|style|look|mood|noir|dog|card|caption|title)s?)|go back \w+ (?:steps|times|changes|versions)", VERSIONS),
    (r"(?:make )?(?:it |the film )?(?:a bit |much |way )?(?:less|not so|not as) (?!much|long|short|many|expensive|dear|shots)[\w -]{3,30}", LOOK),
    (rf"(?:(?:make|let|have) )?{SHOT} (?:should )?(?:say|read)\b.{{1,80}}", TEXT),
    (r"(?:focus (?:more )?on|(?:tell |show )?(?:me )?(?:more|less) (?:about|of)|concentrate on) (?:the |our |its )?[\w ]{2,40}|(?:use|choose|pick|try) (?:an?other|a different|other) metaphors?(?: for .{1,30})?|show (?:the )?[\w ]{3,30} instead|use the readme", FOCUS),
    (rf"{ASKS}[^.\n]{{0,60}}\b(?:free(?! will)|key|account|sign ?up|credit card)\b[^.\n]{{0,40}}\?*$", FREE),
    (r"(?:what(?:'s| is| are| does)?|is|explain|tell me about)\s+(?:the\s+)?(?:play money|rehearsal)(?:\s+(?:mean|for|about|real|vendor))*\s*\?*", PLAY),
    (r"(?:how|where|can|could|do|should|what)\b[^.\n]{0,30}\b(?:approve|approval|approving|pay|render|start rendering)\b(?!\w)[^.\n]{0,30}\?*", APPROVE),
    (r"(?:please\s+)?(?:download|export|save|share|publish|send|write)(?:\s+(?:me\s+)?(?:it|this|that|(?:the|my)\s+(?:film|plan|video|movie|shots?|shot list|clips?)|films?|plan)\b[^\n]{0,60})?", KEEP),
    (rf"{ASKS}[^.\n]{{0,40}}\b(?:download|export|save (?:it|the|my)|get the file|share|publish)\b[^.\n]{{0,40}}$", KEEP),
    (rf"(?:please\s+)?(?:upgrade|redo|re-?render|reshoot|regenerate|improve|retake)\b\s*(?:{SHOT})?[^.\n]{{0,40}}$", ONE_SHOT),
    (r"(?:render it|render|once)\s+again|retry", ONE_SHOT),
    (r"(?:(?:please|now|ok(?:ay)?|can you|could you|let'?s|no),?\s+)*(?:(?:(?:give|show|make|try|do|write|plan|want)\s+(?:me\s+|us\s+)?|i want\s+)?(?:an?other|a (?:new|different|second|fresh)|something|one)\s+(?:(?:completely|totally|very|entirely|really)\s+)?(?:version|variant|variation|take|try|plan|attempt|option|cut|different|else|new|better|one)|(?:try|do it|make it|plan it|do|make)\s+(?:again|differently|anew|over|something else|something different)|redo|redo it|again|regenerate(?: it| the plan)?|shuffle|(?:more|other) (?:options|ideas|versions|variants))", ANOTHER),
    (r"(?:add|put|write|show|display) (?:the |some |a )?(?:text|words?|title|writing)\b(?![ -]?card).{0,80}|write .{1,60} (?:on|over|under|in) shot \d{1,3}|(?:title|text) at the (?:start|beginning|end).{0,60}", TEXT),
    (r"(?:make|create|draw|give me|export) (?:me )?(?:an?|the) (?:poster|thumbnail|gif|cover|logo|picture|image|screenshot|song|website)(?: of it| for it| from it)?", ONLY_FILMS),
    (r"(?:no(?: more)?|without|stop the|remove the|take away the) (?:rain|snow|fog|mist|storm|wind|clouds?|night|darkness)", LIGHT),
    (r"rename (?:it|shot \d{1,3}(?: .*)?)", TITLE),
    (r"(?:post|put|upload) it (?:on|to) (?:\w+)", KEEP),
    (r"(?:one|two|a few|some) (?:more )?shots? (?:more|less|fewer)|add (?:two|three|four|some|a few|\d+) (?:more )?shots", MANY),
    (r"(?:(?:change|shuffle|mix up|rearrange|reorder|sort)(?: the)? (?:order|shots?)(?: of (?:the )?(?:shots|scenes))?|another order|play it backwards)", ORDER),
    (rf"(?:set|move|put|place|film|shoot|make|let) (?:it|the film|the story|everything|{SHOT}) (?:be |play |happen |take place )?(?:in|at|on|to|inside) (?:an? |the )?[\w ]{{3,30}}", PLACE),
    (r"(?:(?:please|can you|i want to) )?(?:add|put|show|include|write)(?: in)?(?: an?| the| my| our| some)? (?:end |closing |opening )?(?:credits?|logo|name|website|url|link|address|hashtag|fade\b.*|watermark|brand)\b.*|(?:fade|cut) (?:in|out|to black)(?: .{0,20})?|put \S+ (?:on|in) the (?:last|first|end).{0,20}", LETTERS),
    (r"(?:add|use|write|with|more|include) (?:some |a |the )?(?:dialogue|dialog|speech|conversation|lines|talking)|(?:make|let|have) (?:him|her|them|it|the [\w ]{1,30}) (?:say|speak|talk|sing)\b.{0,60}|the [\w ]{1,30} (?:says|sings|asks)\b.{0,60}", SPEAKS),
    (r"(?:what (?:did|have) you (?:just )?(?:change|changed|do|done)|(?:show|list|see)(?: me)? (?:the |all |my )*(?:changes|versions?|(?:previous|last|old|first|other) (?:version|plan)s?|diff)|(?:which|what) version is (?:this|it)|how many versions (?:are there|do i have)|what (?:has )?changed)", VERSIONS),
    (r"(?:the )?(?:ending|end|beginning|opening|start)(?: is| feels)? (?:too )?(?:weak|bad|boring|abrupt|sudden|wrong|not good|slow|long|short)|i (?:don'?t|do not) like the (?:ending|end|beginning|opening|start)|(?:remove|change) the (?:ending|beginning|opening|start|end)|make it (?:for (?:kids|children|adults|teenagers|beginners|everyone|experts|developers)|less [\w ]{2,30})|simplify(?: it)?|use simpler words", WHICH),
    (r"(?:add|insert|i want|give me|put in|one more|another|make) ?(?:an?|another|one more|a new|more)? ?(?:new )?(?:shot|scene)s?(?: (?:after|before|between|at|to) .{1,30})?", ADDING),
    (r"make (?:\w+) shots (?:out )?of shot \d{1,3}|(?:make|turn|split|cut) shot \d{1,3} in(?:to)? (?:\w+) (?:shots|parts|pieces)", MANY),
    (rf"(?:i (?:don'?t|do not|hate|dislike)(?: (?:like|love|want))? {SHOT}|{SHOT}(?:'s| is| looks)? (?:bad|boring|wrong|ugly|awful|terrible|weird|not (?:good|right))|(?:make|improve|fix|redo) {SHOT}(?: better| different| differently)?|another {SHOT})", ONE),
    (rf"{ASKS}[^.\n]{{0,30}}\b(?:saved|stored|kept)\b[^.\n]{{0,20}}|where(?:'s| is) (?:my|the) (?:plan|project|shot ?list)(?: file)?|do i (?:need|have) to save[^.\n]{{0,20}}", SAVED),
    (r"(?:(?:make|format|cut) it )?(?:for|on|to post on) (?:an? |my )?(?:instagram|facebook|linkedin|twitter|x|social media|socials)", PLATFORM),
    (r"(?:(?:i want|use|add|with|give me) )?(?:more|fewer|less|some) (?:close-?ups?|wide shots?|medium shots?|camera (?:movements?|moves?)|angles|zooms?)", CLOSER),
    (r"(?:(?:i want|use|make|with|it needs|give it) )?(?:the )?(?:more |much )?(?:fast(?:er)?|quick(?:er)?|slow(?:er)?|rapid) (?:cuts?|cutting|editing|pace|pacing)|(?:make (?:it|the cuts?|the pace) |cut )(?:much )?(?:quicker|faster|slower)|(?:make )?the (?:pace|cuts?|pacing) (?:faster|quicker|slower)|it(?:'s| is) too (?:slow|fast)|pick up the pace", PACE),
    (r"[^.\n]{0,40}\b(?:cache|cached|reused?|what (?:have|did) (?:i|we) saved?|savings|hit rate)\b[^.\n]{0,40}", REUSE),
    (r"[^.\n]{0,30}\b(?:receipts?|invoice|bill)\b[^.\n]{0,30}|what did (?:it|this|that|the film|my film) (?:really )?cost|how much did (?:it|this|that|the film|my film) cost", RECEIPT),
    (rf"{ADDS}(?:subtitles?|captions?)\b[^.\n]{{0,30}}|(?:please\s+)?(?:change|edit|rewrite|fix|translate|make) (?:the |a |all )?(?:captions?|subtitles?)\b[^.\n]{{0,30}}", CAPTIONS),
    (rf"(?:{ADDS}|(?:make|turn|change|edit)\s+(?:{SHOT}|the|a)\s+(?:in)?(?:to\s+)?(?:an?\s+)?)(?:(?:title|text)[ -]?|inter)(?:cards?|titles)\b[^.\n]{{0,40}}", CARD),
    (r"(?:please\s+)?(?:change|edit|fix|set|give (?:it|the film) an?(?:other)?|rename)\s+(?:the\s+|its\s+|(?:another|new|different|better)\s+)*(?:title|name|film)(?: of (?:it|the film))?|(?:another|a new|a different|a better) title", TITLE),
    (rf"{ADDS}{SOUNDS}|(?:what|which|is there|where is|change|remove|no|turn off)(?:'s| is)? (?:the |a |any )?(?:kind of )?(?:music|song|sound|soundtrack|voice|score)\b[^.\n]{{0,40}}|(?:with|without) music", SOUND),
    (r"(?:(?:please|can you|could you|i want to|how do i|can i)\s+)*(?:raise|increase|change|set|lower|double)\s+(?:the|my)\s+(?:\w+\s+)?(?:budget|limit)\b[^.\n]{0,40}", RAISE),
    (rf"{ASKS}[^.\n]{{0,30}}\b(?:chatgpt|gpt\S*|claude|gemini|llm|language models?|ai model|an ai|a bot|a robot|a human)\b[^.\n]{{0,30}}", MODEL),
    (rf"{ASKS}[^.\n]{{0,40}}\b(?:private|privacy|safe|secure|secrets?|upload(?:ed)? my|see my code|leave my)\b[^.\n]{{0,40}}", PRIVATE),
    (rf"{ASKS}[^.\n]{{0,20}}\b(?:how long can|longest|maximum|max|limits?|at most)\b[^.\n]{{0,40}}\b(?:film|video|shots?|seconds)\b[^.\n]{{0,20}}|how long can (?:a|the|my) film be\??", LIMITS),
    (r"how (?:do|can|should|could) (?:i|we) (?:remove|delete|change|edit|move|swap|split|merge|lock|add|undo|shorten|rewrite)\b[^.\n]{0,60}", EDITING),
    (r"(?:how|where) (?:do|can|should|would|could) (?:i|we) (?:make|start|begin|use|create|get|film|plan|do|try|turn)\b[^.\n]{0,60}", HOW),
    (r"(?:please\s+)?(?:i want\s+|i'd like\s+|let'?s\s+)?(?:to\s+)?(?:make|create|do|film|produce|generate)?\s*(?:me\s+|us\s+)?(?:an?|some|new)\s+(?:new\s+|short\s+|little\s+)*(?:films?|videos?|movies?|clips?|animations?)", HOW),
    (r"how to (?:make|start|begin|use|create|film)\b[^.\n]{0,60}|(?:can|could|would|will) you (?:please )?(?:make|create|do|film|produce) (?:me )?(?:an?|some)?\s*(?:short )?(?:films?|videos?|movies?|clips?|animations?)\s*\?*", HOW),
    (r"what (?:can|should|could|do) (?:i|we|you) (?:do|say|type|ask|write|make)\b[^.\n]{0,30}|how does (?:this|it|that) work\??|what is (?:this|greenlight)\??|where do i start\??|i(?:'m| am) (?:new|lost|confused)\b[^.\n]{0,20}", HOW),
    (r"(?:let'?s\s+)?(?:start over|start again|begin again|start from scratch|new film|new plan|forget (?:it|that|this|everything)|(?:an?|some|the next)?\s*(?:different|other|another|next|new) (?:film|story|idea|one)|reset|clear|delete (?:the )?(?:plan|film|everything))", OVER),
    (r"(?:(?:ok(?:ay)?|great|cool|perfect|nice|super|no)[,.!]?\s+)*(?:thanks?(?: you)?|thank you(?: very much| so much)?|thx|cheers|danke)(?:\s+(?:a lot|so much|very much))?", THANKS),
    (r"(?:ok(?:ay)?[,.]?\s+)?(?:what(?:'s| is) next|(?:and )?(?:what )?now(?: what)?|next|continue|go on|what are my options|what else(?: can (?:i|you) do)?)\?*", NEXT),
    (r"what (?:happens )?(?:if|when) .{0,40}\b(?:fails?|goes wrong|breaks?|crashes)\b.{0,30}|what went wrong\??", FAILS),
    (r"(?:(?:show|give|list)(?: me)? )?(?:some |an |any )?examples?(?: please)?|surprise me|anything|i don'?t know|no idea|inspire me|any ideas\??", EXAMPLES),
    (r"(?:i(?:'m| am) done|bye|goodbye|see you|quit|exit|that'?s (?:all|it)|done|tschüss)", BYE),
    (r"(?:please\s+)?(?:add|put|insert) (?:an? |the |some |two |more )(?!shot|scene|new shot|new scene)[\w ]{1,40}", ADDING),
    (r"(?:and )?(?:how long (?:does|will|would|do) (?:it|this|that|the (?:film|render|rendering)|they) (?:take|need)|when (?:will|is) (?:it|the film|my film) (?:be )?(?:ready|done|finished)|how (?:fast|quick) is (?:it|this))\??", TIMES),
    (r"(?:great|cool|nice|wow|awesome|lovely|beautiful|amazing|i (?:like|love) it|good job|well done)", THANKS),
    (r"(?:no|nope|nah|not yet|not now|never mind|nevermind|no thanks?|don'?t|wait|hold on|later|nein|pause)(?:[,.!]?\s+(?:please|yet|now|wait|not yet|don'?t(?: render(?: it)?| do (?:it|that))?))*", NO),
    (rf"(?:(?:it|this|that|the film|everything|{SHOT})(?:'s| is| looks)\s+)?(?:a bit |way |much |far )?too (?:dark|bright|light|gloomy|dim)|(?:i want |give me |use )?(?:more|less) (?:light|darkness|contrast|shadows?)", LIGHT),
    (r"(?:please\s+)?(?:change|pick|use|try|give (?:it|me)|i want) (?:the |a |an )?(?:other |another |different |new |better )?(?:visual )?(?:style|look|mood|tone|feeling|colou?rs)", LOOK),
    (rf"{DISLIKES}|make it better|improve it|slow it down|speed it up", WHICH),
    (r"(?:more|fewer|less|too many|too few|not enough) shots", MANY),
    (r"(?:please\s+)?(?:replace|change|swap) (?!shot|scene|\d)(?:the |all |every )?[\w ]{1,30} (?:with|to|into|for|by) [\w ]{1,40}|make it an? [\w ]{1,30} instead of an? [\w ]{1,30}", REPLACE),
    (rf"(?:please\s+)?(?:remove|delete|drop|take|get rid of|lose|erase) (?!shot|scene|\d)(?:the |a |all |every |his |her )?[\w -]{{1,30}} (?:from|in|out of|off|away from) (?:{SHOT}|it|the (?:film|pictures?)|every shot|all shots)|(?:remove|erase|get rid of) (?:the|all|every) (?!shots?\b|scenes?\b|first|second|third|last|plan|film|budget|job)[\w -]{{2,30}}", TAKING),
    (r"(?:please\s+)?(?:cancel|stop|abort)\s+(?:the\s+)?(?:shot|scene|clip)s?\b.{0,30}", ONE_JOB),
)  # fmt: skip
ANSWERS = tuple(
    (re.compile(rf"\s*(?:{pattern})\s*[.!?]*\s*", re.IGNORECASE), words) for pattern, words in QUESTIONS
)


def told(text: str, *, has_plan: bool) -> str | None:
    """The answer to a short message that asks about the studio; None for every other."""
    if len(text) > SAID_CHARACTERS_MAX:
        return None
    fitting = (words for pattern, words in ANSWERS if pattern.fullmatch(text))
    words = next((words for words in fitting if has_plan or words not in ONLY_OF_A_PLAN), None)
    return HOW if words in OF_A_PLAN and not has_plan else words
