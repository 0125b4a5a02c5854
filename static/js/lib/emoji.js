/** The emoji that the picker offers, in groups, with what they are called in English and Chinese. */

import {fit} from "./fuzzy.js";

// An emoji, then its names, the first of which is shown. Any other emoji can be pasted into the search.
const TABLE = `
# Smileys
😀 grin, smile, happy, 笑, 开心|😃 smile, joy, 大笑|😄 laugh, happy, 大笑|😁 beam, grin, 嘻嘻|😆 laughing, xd, 大笑|😅 sweat smile, phew, 苦笑, 汗|🤣 rolling on the floor, rofl, 笑倒|😂 tears of joy, lol, 笑哭|🙂 slight smile, 微笑|🙃 upside down, 倒脸
🫠 melting, 融化|😉 wink, 眨眼|😊 blush, 害羞, 微笑|😇 angel, halo, 天使|🥰 in love, hearts, 喜爱|😍 heart eyes, love, 花痴|🤩 star struck, wow, 崇拜|😘 kiss, 飞吻|😋 yum, delicious, 好吃|😜 tongue, joke, 调皮
🤪 zany, crazy, 疯|🤗 hug, 拥抱|🤭 giggle, oops, 捂嘴|🤫 quiet, shh, 嘘|🤔 thinking, hmm, 思考|🫡 salute, yes sir, 敬礼|🤐 zipped, secret, 闭嘴|🤨 raised eyebrow, doubt, 怀疑|😐 neutral, 无语|😑 expressionless, 无表情
😶 no mouth, speechless, 沉默|😏 smirk, 得意|😒 unamused, 不高兴|🙄 eye roll, 白眼|😬 grimace, awkward, 尴尬|😮‍💨 exhale, relief, 叹气|😌 relieved, calm, 放心|😔 pensive, sad, 沉思|😴 sleeping, tired, 睡觉|😷 mask, ill, 口罩
🤒 fever, sick, 发烧|🤯 mind blown, exploding head, 爆炸|🥳 party, celebrate, 派对|😎 cool, sunglasses, 酷|🤓 nerd, 书呆子|🧐 monocle, inspect, 观察|😕 confused, 困惑|😟 worried, 担心|🙁 frown, 不开心|😮 surprised, oh, 惊讶
😲 astonished, 震惊|😳 flushed, 脸红|🥺 pleading, please, 恳求|🥹 holding back tears, touched, 感动|😢 cry, sad, 哭|😭 sobbing, 大哭|😱 scream, fear, 害怕|😖 confounded, 难受|😞 disappointed, 失望|😩 weary, 疲惫
🥱 yawn, bored, 哈欠|😤 huff, proud, 哼|😡 angry, 生气|🤬 swearing, 骂人|😈 devil, 恶魔|💀 skull, dead, 骷髅|💩 poo, 便便|🤡 clown, 小丑|👻 ghost, 鬼|🤖 robot, bot, 机器人
# Hands and people
👍 thumbs up, yes, good, +1, 赞, 好|👎 thumbs down, no, -1, 踩, 差|👌 ok, perfect, 好的|✌️ victory, peace, 胜利|🤞 fingers crossed, luck, 祝好运|🤟 love you, 爱你|🤘 rock, horns, 摇滚|🤙 call me, 打电话|👈 left, 左|👉 right, 右
👆 up, 上|👇 down, 下|☝️ one, attention, 一|✋ stop, hand, 停|👋 wave, hello, bye, 你好, 再见|👏 clap, bravo, 鼓掌|🙌 hooray, raised hands, 万岁|🫶 heart hands, 比心|🤝 handshake, deal, 握手|🙏 thanks, please, pray, 谢谢, 拜托
💪 strong, muscle, 加油, 强|✊ fist, 拳头|👊 punch, bump, 碰拳|✍️ writing, 写|👀 eyes, looking, 看|🧠 brain, smart, 大脑|🗣️ speaking, 说话|🙋 raising hand, me, 举手|🤷 shrug, no idea, 耸肩|🤦 facepalm, 捂脸
🙇 bow, sorry, 鞠躬|🧑‍💻 coder, at work, 程序员|🏃 run, hurry, 跑|💃 dance, 跳舞|👨‍👩‍👧 family, 家庭
# Hearts and signs
❤️ heart, love, 爱心, 红心|🧡 orange heart, 橙心|💛 yellow heart, 黄心|💚 green heart, 绿心|💙 blue heart, 蓝心|💜 purple heart, 紫心|🖤 black heart, 黑心|💔 broken heart, 心碎|💕 two hearts, 双心|💯 hundred, 100, 满分
✅ done, check, yes, 完成, 对|☑️ checked, 勾选|✔️ tick, 对|❌ no, wrong, cross, 错|❗ exclamation, important, 重要|❓ question, 问题|⁉️ what, 什么|💡 idea, 主意|💬 speech, comment, 评论|💤 sleep, zzz, 睡
⭐ star, favourite, 星|🌟 shining star, 亮星|✨ sparkles, new, 闪亮|⚡ lightning, fast, 闪电|🔥 fire, hot, 火|💥 boom, 爆炸|🚫 forbidden, 禁止|⛔ no entry, 禁入|⚠️ warning, 警告|♻️ recycle, again, 循环
🔴 red, 红|🟠 orange, 橙|🟡 yellow, 黄|🟢 green, 绿|🔵 blue, 蓝|➕ plus, add, 加|➖ minus, 减|🆗 ok button, 可以|🆕 new button, 新|🔝 top, 顶
# Nature
🐶 dog, 狗|🐱 cat, 猫|🐭 mouse, 鼠|🐰 rabbit, 兔|🦊 fox, 狐狸|🐻 bear, 熊|🐼 panda, 熊猫|🐨 koala, 考拉|🐯 tiger, 虎|🦁 lion, 狮子
🐮 cow, 牛|🐷 pig, 猪|🐸 frog, 青蛙|🐵 monkey, 猴|🙈 see no evil, 不看|🙉 hear no evil, 不听|🙊 speak no evil, 不说|🐔 chicken, 鸡|🐧 penguin, 企鹅|🦉 owl, 猫头鹰
🦄 unicorn, 独角兽|🐝 bee, 蜜蜂|🐛 bug, 虫|🦋 butterfly, 蝴蝶|🐌 snail, slow, 蜗牛|🐙 octopus, 章鱼|🐳 whale, 鲸|🐢 turtle, 龟|🌸 blossom, 樱花|🌹 rose, 玫瑰
🌻 sunflower, 向日葵|🍀 clover, luck, 四叶草|🌳 tree, 树|🌵 cactus, 仙人掌|🍁 autumn, maple, 枫叶|☀️ sun, 太阳|🌙 moon, night, 月亮|☁️ cloud, 云|🌧️ rain, 雨|❄️ snow, cold, 雪
🌈 rainbow, 彩虹|🌊 wave, sea, 海浪|🌍 earth, world, 地球
# Food
🍎 apple, 苹果|🍌 banana, 香蕉|🍓 strawberry, 草莓|🍉 watermelon, 西瓜|🥑 avocado, 牛油果|🌶️ pepper, hot, 辣椒|🍞 bread, 面包|🧀 cheese, 奶酪|🍔 burger, 汉堡|🍟 fries, 薯条
🍕 pizza, 披萨|🌮 taco, 玉米卷|🍜 noodles, 面条|🍚 rice, 米饭|🥟 dumpling, 饺子|🍣 sushi, 寿司|🍦 ice cream, 冰淇淋|🍩 doughnut, 甜甜圈|🍪 cookie, 饼干|🎂 birthday cake, 生日蛋糕
🍫 chocolate, 巧克力|🍿 popcorn, 爆米花|☕ coffee, 咖啡|🍵 tea, 茶|🧋 bubble tea, 奶茶|🍺 beer, 啤酒|🍻 cheers, 干杯|🍷 wine, 红酒|🥂 toast, 碰杯|🥤 drink, 饮料
# Things to do
🎉 tada, party, congratulations, 庆祝, 恭喜|🎊 confetti, 彩球|🎁 present, gift, 礼物|🎈 balloon, 气球|🏆 trophy, winner, 奖杯|🥇 first, gold, 金牌|⚽ football, 足球|🏀 basketball, 篮球|🎾 tennis, 网球|🎮 game, 游戏
🎲 dice, 骰子|🎯 target, exactly, 目标|🎵 music, note, 音乐|🎸 guitar, 吉他|🎤 microphone, sing, 唱歌|🎬 film, 电影|🎨 art, paint, 画|📚 books, read, 书|🚀 rocket, ship it, launch, 火箭|✈️ plane, travel, 飞机
🚗 car, 车|🚲 bicycle, 自行车|🚆 train, 火车|🏠 home, house, 家|🏢 office, work, 办公室|🏖️ beach, holiday, 海滩|⛰️ mountain, 山|🧧 red envelope, lucky money, 红包|🏮 lantern, 灯笼|🧨 firecracker, 鞭炮
# Objects
📱 phone, 手机|💻 computer, laptop, 电脑|⌨️ keyboard, 键盘|📷 camera, 相机|🔋 battery, 电池|🔌 plug, 插头|💾 save, disk, 保存|📝 note, memo, 笔记|📎 paperclip, attachment, 附件|📌 pin, 图钉
📅 calendar, date, 日历|⏰ alarm, time, 闹钟|⏳ hourglass, wait, 沙漏|📈 rising, chart, 上涨|📉 falling, 下跌|📦 package, 包裹|✉️ mail, letter, 邮件|🔍 search, 搜索|🔒 lock, secure, 锁|🔑 key, 钥匙
🔧 wrench, fix, 修理|🔨 hammer, build, 锤子|🧪 test, experiment, 试管|🩹 patch, plaster, 创可贴|💰 money, 钱|💎 gem, 宝石|🔔 bell, 铃|🔕 muted, 静音|📣 announcement, 公告|🧹 broom, clean up, 打扫
🚧 work in progress, 施工|🏁 finish, 终点|🏳️‍🌈 rainbow flag, pride, 彩虹旗
`;

/** [{name, emoji: [{emoji, names}]}], as the picker shows them. */
export const GROUPS = TABLE.trim().split(/^# /m).filter(Boolean).map(readGroup);

const ALL = GROUPS.flatMap(({emoji}) => emoji);

/** What one sees first, and reaches with one press. */
export const QUICK = ["👍", "❤️", "😂", "🎉", "👀", "🙏"];

/** The emoji whose names fit a few letters, the best first. */
export function findEmoji(query) {
  const scored = ALL.map((one) => ({one, score: Math.max(one.emoji === query.trim() ? Infinity : 0, ...one.names.map((name) => fit(query, name)))}));
  return scored
    .filter(({score}) => score > 0)
    .sort((one, other) => other.score - one.score)
    .map(({one}) => one);
}

function readGroup(text) {
  const [name, ...lines] = text.trim().split("\n");
  return {name, emoji: lines.join("|").split("|").map(readOne)};
}

function readOne(text) {
  const [emoji] = text.split(" ", 1);
  return {emoji, names: text.slice(emoji.length).split(",").map((name) => name.trim())};
}
